/** What ear and hand notice: a rising tone is good, two equal ones mean already, a falling one is a refusal. */

const TONES = {
  ok: [
    [660, 0],
    [990, 0.09],
  ],
  already: [
    [520, 0],
    [520, 0.16],
  ],
  refused: [
    [330, 0],
    [165, 0.16],
  ],
  wait: [[440, 0]],
};
const SHAKES = { ok: [60], already: [60, 60, 60], refused: [300], wait: [30] };
const MUTED = "fairs.scanner.muted";
let audio;

export function muted() {
  return localStorage.getItem(MUTED) === "1";
}
export function mute(yes) {
  localStorage.setItem(MUTED, yes ? "1" : "");
}

/** Browsers let a page sound only after a touch or a key. */
export function wake() {
  audio ??= window.AudioContext ? new AudioContext() : null;
  if (audio?.state === "suspended") audio.resume();
}

export const sounds = () => audio?.state === "running";

function tone([pitch, delay]) {
  const start = audio.currentTime + delay;
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0.001, start);
  volume.gain.exponentialRampToValueAtTime(0.5, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.14);
  source.connect(volume).connect(audio.destination);
  source.start(start);
  source.stop(start + 0.15);
}

export function give(kind) {
  navigator.vibrate?.(SHAKES[kind]);
  if (!muted() && audio?.state === "running") TONES[kind].forEach(tone);
}

/** The person's photo, when there is one and it arrives; an old one is never left beside a new name. */
export function face(box, photo) {
  box.querySelector(".answer__photo")?.remove();
  if (!photo) return;
  const picture = new Image();
  picture.className = "answer__photo";
  picture.alt = "";
  picture.addEventListener("error", () => picture.remove());
  picture.src = photo;
  box.querySelector(".answer__headline").before(picture);
}
