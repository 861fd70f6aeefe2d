/** The camera and its frames: at most one frame is being read at a time, so that a slow phone does not fall behind. */

const WIDTH = 720; // pixels a frame is scaled to: a badge at arm's length stays legible, reading takes a few ms

export class Camera {
  /** `onText` gets the text of each code seen, again for every frame that shows it. */
  constructor(video, { worker, zxing, wasm, onText }) {
    this.video = video;
    this.onText = onText;
    this.canvas = document.createElement("canvas");
    this.facing = "environment";
    this.times = [];
    this.worker = new Worker(worker, { type: "module" });
    this.ready = new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Error(data.error)));
      this.worker.onerror = (event) => reject(new Error(event.message || "worker"));
      this.worker.postMessage({ zxing, wasm });
    });
  }

  async start() {
    const wanted = { facingMode: this.facing, width: { ideal: 1280 }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted });
    this.stop();
    this.video.srcObject = stream;
    await Promise.all([this.video.play(), this.ready]);
    this.worker.onmessage = ({ data }) => this.answered(data);
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (this.running) this.onEnded?.();
    });
    this.running = true;
    this.frame();
  }

  get isLive() {
    return this.running && this.track?.readyState === "live" && !this.video.paused;
  }

  stop() {
    this.running = false;
    this.video.srcObject?.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
  }

  frame() {
    if (!this.running || this.reading) return; // one frame at a time, also after the camera came back
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || document.hidden) return void setTimeout(() => this.frame(), 200);
    const scale = Math.min(1, WIDTH / width);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.context ??= this.canvas.getContext("2d", { willReadFrequently: true });
    this.context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const image = this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    this.reading = true;
    this.worker.postMessage({ pixels: image.data.buffer, width: image.width, height: image.height }, [
      image.data.buffer,
    ]);
  }

  answered({ text, ms }) {
    this.reading = false;
    if (ms !== undefined) this.times = [...this.times.slice(-99), ms];
    if (text) this.onText(text);
    setTimeout(() => requestAnimationFrame(() => this.frame()), 40); // rest: a phone must last the day
  }

  get track() {
    return this.video.srcObject?.getVideoTracks()[0];
  }

  get hasTorch() {
    return Boolean(this.track?.getCapabilities?.().torch);
  }

  async torch(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }

  async cameras() {
    return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput").length;
  }

  async flip() {
    this.facing = this.facing === "environment" ? "user" : "environment";
    await this.start();
  }
}
