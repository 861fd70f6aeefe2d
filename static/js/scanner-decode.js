/** Worker: finds QR codes in frames. The reader and its WebAssembly come from this server, nothing is fetched elsewhere. */

let read;

async function start({ zxing, wasm }) {
  const module = await import(zxing);
  await module.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  read = (image) => module.readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true });
}

self.onmessage = async ({ data }) => {
  try {
    if (data.zxing) {
      await start(data);
      return self.postMessage({ ready: true });
    }
    const began = performance.now();
    const [found] = await read(new ImageData(new Uint8ClampedArray(data.pixels), data.width, data.height));
    self.postMessage({ text: found?.text || "", ms: performance.now() - began });
  } catch (error) {
    self.postMessage({ text: "", error: String(error) });
  }
};
