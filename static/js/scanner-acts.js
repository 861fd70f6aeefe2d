/** What staff can do about the last scan of this scanner, each by a button, a dialog with the reason and one call:
 *  undo it, or let in the person whom the gate has refused. */

const app = document.getElementById("scanner");
const $ = (id) => document.getElementById(id);
const store = await import(app.dataset.store);
const forcible = new Set(app.dataset.forcible.split(" "));
const ACTS = {
  undo: (result) => result.outcome === "admitted",
  "let-in": (result) => app.dataset.force === "yes" && result.outcome === "refused" && forcible.has(result.reason),
};
let last;

const name = (result) => result.person?.name_native || result.person?.name || "";

const show = (result) => {
  for (const [act, suits] of Object.entries(ACTS)) $(act).hidden = !(result && suits(result));
};

app.addEventListener("fairs:scanning", () => show());
app.addEventListener("fairs:answered", ({ detail: result }) => {
  last = result;
  show(result);
});

/** What the server says, or `failed` when nothing comes back. */
async function send(act, reason, note) {
  try {
    const answer = await fetch(`/api/v1/checkin/scans/${last.id}/${act}`, {
      method: "POST",
      body: JSON.stringify({ reason, note }),
      headers: { authorization: `Bearer ${store.token()}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(5000),
    });
    return answer.ok ? "done" : (await answer.json()).code;
  } catch {
    return "failed";
  }
}

function prepare(act) {
  const dialog = $(`${act}-dialog`);
  const part = (of) => $(`${act}-${of}`);
  const words = Object.fromEntries(
    [...part("words").content.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node.textContent]),
  );
  $(act).addEventListener("click", () => {
    part("who").textContent = name(last);
    part("told").textContent = "";
    part("note").value = "";
    dialog.showModal();
  });
  part("close").addEventListener("click", () => dialog.close());
  part("form").addEventListener("submit", async (submit) => {
    submit.preventDefault();
    const said = await send(act, part("reason").value, part("note").value);
    if (said !== "done") {
      part("told").textContent = words[said] || words.failed;
      return;
    }
    dialog.close();
    $(act).hidden = true;
    $("last").hidden = false;
    $("last").textContent = words.done.replace("{name}", name(last));
    $("last").className = `scanner__last scanner__last--${act === "undo" ? "wait" : "ok"}`;
  });
}

for (const act of Object.keys(ACTS)) prepare(act);
