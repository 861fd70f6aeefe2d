// Passkeys: what the browser is asked for comes from the server when the button is used, the answer goes with the form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const listed = (given) => (given ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function made(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const found = await navigator.credentials.create({ publicKey });
  return told(found, {
    attestationObject: text(found.response.attestationObject),
    transports: found.response.getTransports?.() ?? [],
  });
}

async function shown(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: listed(options.allowCredentials),
  };
  const found = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = found.response;
  return told(found, {
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    ...(userHandle ? { userHandle: text(userHandle) } : {}),
  });
}

function told(found, more) {
  const clientDataJSON = text(found.response.clientDataJSON);
  return JSON.stringify({
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: { clientDataJSON, ...more },
  });
}

async function fetched(part, form) {
  const answer = await fetch(part.dataset.passkeyOptions, {
    method: "POST",
    headers: { accept: "application/json", "x-csrftoken": form.querySelector("input[name=_csrf_token]").value },
  });
  const options = await answer.json();
  if (!answer.ok) throw new Error(options.detail ?? part.dataset.passkeyFailed);
  return options;
}

function words(part, error) {
  if (error.name === "InvalidStateError") return part.dataset.passkeyKnown;
  if (error instanceof DOMException || error instanceof TypeError) return part.dataset.passkeyFailed;
  return error.message;
}

function works(host) {
  const fits = location.hostname === host || location.hostname.endsWith(`.${host}`);
  return Boolean(host) && fits && window.isSecureContext && "PublicKeyCredential" in window;
}

export function enhance(part) {
  part.dataset.ready = "";
  if (!works(part.dataset.passkeyHost)) return;
  const form = part.closest("form");
  const field = part.querySelector("[data-passkey-answer]");
  const button = part.querySelector("button");
  const status = part.querySelector("[role=status]");
  const creates = part.dataset.passkey === "create";
  for (const other of part.querySelectorAll("[data-passkey-without]")) other.hidden = true;
  for (const other of part.querySelectorAll("[data-passkey-part]")) other.hidden = false;
  field.value = "";

  async function begin() {
    button.disabled = true;
    status.textContent = part.dataset.passkeyWaiting;
    try {
      const options = await fetched(part, form);
      field.value = await (creates ? made(options) : shown(options));
      status.textContent = "";
      form.requestSubmit();
    } catch (error) {
      status.textContent = words(part, error);
    }
    button.disabled = false;
    button.focus();
  }

  if (!creates) button.addEventListener("click", begin);
  else
    form.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      if (form.reportValidity()) begin();
    });
}
