/** The camera of a desk's computer: a picture of it goes into the field for the photo, as if it had been chosen there. */

const $ = (id) => document.getElementById(id);
const view = $("snap-view");
const field = document.querySelector("[data-upload-crop] input[type=file]");
let stream;

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  view.hidden = true;
  $("snap-take").hidden = true;
  $("snap-open").hidden = false;
}

async function start() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 960 }, audio: false });
    view.srcObject = stream;
    view.hidden = false;
    await view.play();
    $("snap-open").hidden = true;
    $("snap-take").hidden = false;
    $("snap-take").focus();
  } catch {
    $("snap-none").hidden = false;
  }
}

async function take() {
  const canvas = Object.assign(document.createElement("canvas"), { width: view.videoWidth, height: view.videoHeight });
  canvas.getContext("2d").drawImage(view, 0, 0);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  const chosen = new DataTransfer();
  chosen.items.add(new File([picture], "photo.jpg", { type: "image/jpeg" }));
  field.files = chosen.files;
  stop();
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

$("snap").hidden = !navigator.mediaDevices;
$("snap-open").addEventListener("click", start);
$("snap-take").addEventListener("click", take);
addEventListener("pagehide", stop);
