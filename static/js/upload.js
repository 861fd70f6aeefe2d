// Files of forms: sent as soon as they are chosen, with a bar; the form then carries a token. Without this script the file
// travels with its form. A person's photo is cut to 3:4 here first.

const SHAPE = { width: 600, height: 800 };

function say(field, text, bad = false) {
  const status = field.querySelector("[data-upload-status]");
  status.textContent = text;
  status.classList.toggle("upload__held--bad", bad);
}

function explain(request, field) {
  try {
    const problem = JSON.parse(request.responseText);
    return problem.detail || problem.title || field.dataset.uploadFailed;
  } catch {
    return field.dataset.uploadFailed;
  }
}

function send(field, file, name) {
  const input = field.querySelector("input[type=file]");
  const token = field.querySelector("[data-upload-token]");
  const bar = field.querySelector("progress");
  const form = field.closest("form");
  const buttons = [...form.querySelectorAll("button[type=submit]")];
  if (file.size > Number(field.dataset.uploadMost)) {
    input.value = "";
    say(field, field.dataset.uploadTooLarge, true);
    return;
  }
  const body = new FormData();
  body.append("file", file, name);
  const request = new XMLHttpRequest();
  request.open("POST", field.dataset.upload);
  request.setRequestHeader("accept", "application/json");
  request.setRequestHeader("x-csrftoken", form.querySelector("input[name=_csrf_token]").value);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = Math.round((95 * event.loaded) / event.total);
  });
  const done = () => {
    bar.hidden = true;
    for (const button of buttons) button.disabled = false;
  };
  request.addEventListener("load", () => {
    done();
    input.value = "";
    if (request.status !== 201) {
      say(field, explain(request, field), true);
      return;
    }
    const held = JSON.parse(request.responseText);
    token.value = held.token;
    say(field, field.dataset.uploadHeld.replace("{name}", held.name).replace("{size}", held.size));
  });
  request.addEventListener("error", () => {
    done();
    say(field, field.dataset.uploadFailed, true);
  });
  bar.value = 0;
  bar.hidden = false;
  for (const button of buttons) button.disabled = true;
  say(field, field.dataset.uploadSending);
  request.send(body);
}

const within = (at, length, whole) => Math.min(Math.max(at * whole - length / 2, 0), whole - length);

class Crop {
  constructor(field) {
    this.field = field;
    this.box = field.querySelector("[data-crop]");
    this.canvas = this.box.querySelector("canvas");
    this.zoom = this.box.querySelector("[data-crop-zoom]");
    this.center = { x: 0.5, y: 0.5 };
    this.zoom.addEventListener("input", () => this.draw());
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.canvas.addEventListener("pointerdown", (event) => this.onDrag(event));
    this.box.querySelector("[data-crop-use]").addEventListener("click", () => this.use());
  }

  async open(file) {
    this.name = file.name;
    try {
      this.picture = await createImageBitmap(file);
    } catch {
      send(this.field, file, file.name); // the server says what is wrong with it
      return;
    }
    this.center = { x: 0.5, y: 0.5 };
    this.zoom.value = "100";
    this.box.hidden = false;
    this.draw();
    this.canvas.focus();
  }

  part() {
    const { width, height } = this.picture;
    const most = Math.min(width, (height * SHAPE.width) / SHAPE.height);
    const size = most / (Number(this.zoom.value) / 100);
    const tall = (size * SHAPE.height) / SHAPE.width;
    const x = within(this.center.x, size, width);
    const y = within(this.center.y, tall, height);
    this.center = { x: (x + size / 2) / width, y: (y + tall / 2) / height };
    return [x, y, size, tall];
  }

  draw(canvas = this.canvas) {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.picture, ...this.part(), 0, 0, canvas.width, canvas.height);
  }

  move(x, y) {
    this.center = { x: this.center.x + x, y: this.center.y + y };
    this.draw();
  }

  onKey(event) {
    const steps = {
      ArrowLeft: [-0.02, 0],
      ArrowRight: [0.02, 0],
      ArrowUp: [0, -0.02],
      ArrowDown: [0, 0.02],
    };
    const sizes = { "+": 10, "=": 10, "-": -10 };
    if (steps[event.key]) this.move(...steps[event.key]);
    else if (sizes[event.key]) {
      this.zoom.value = String(Number(this.zoom.value) + sizes[event.key]);
      this.draw();
    } else return;
    event.preventDefault();
  }

  onDrag(event) {
    this.canvas.setPointerCapture(event.pointerId);
    let last = event;
    const [, , size, tall] = this.part();
    const shown = this.canvas.getBoundingClientRect();
    const follow = (next) => {
      this.move(
        ((last.clientX - next.clientX) / shown.width) * (size / this.picture.width),
        ((last.clientY - next.clientY) / shown.height) * (tall / this.picture.height),
      );
      last = next;
    };
    const end = () => this.canvas.removeEventListener("pointermove", follow);
    this.canvas.addEventListener("pointermove", follow);
    this.canvas.addEventListener("pointerup", end, { once: true });
    this.canvas.addEventListener("pointercancel", end, { once: true });
  }

  use() {
    const whole = document.createElement("canvas");
    whole.width = SHAPE.width;
    whole.height = SHAPE.height;
    this.draw(whole);
    this.box.hidden = true;
    whole.toBlob((part) => send(this.field, part, this.name), "image/jpeg", 0.92);
  }
}

for (const field of document.querySelectorAll("[data-upload]")) {
  const crop = field.dataset.uploadCrop === undefined ? null : new Crop(field);
  field.querySelector("input[type=file]").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (crop) crop.open(file);
    else send(field, file, file.name);
  });
}
