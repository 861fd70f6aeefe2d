/** The last scan of this scanner can be undone: a button beside its line, a dialog with the reason, one call. */

const app = document.getElementById("scanner");
const $ = (id) => document.getElementById(id);
const store = await import(app.dataset.store);
const words = Object.fromEntries(
  [...$("undo-words").content.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node.textContent]),
);
let last;

const name = (result) => result.person?.name_native || result.person?.name || "";

app.addEventListener("fairs:answered", ({ detail: result }) => {
  last = result;
  $("undo").hidden = result.outcome !== "admitted";
});

$("undo").addEventListener("click", () => {
  $("undo-who").textContent = name(last);
  $("undo-told").textContent = "";
  $("undo-note").value = "";
  $("undo-dialog").showModal();
});
$("undo-close").addEventListener("click", () => $("undo-dialog").close());

/** What the server says, or `failed` when nothing comes back. */
async function send(reason, note) {
  try {
    const answer = await fetch(`/api/v1/checkin/scans/${last.id}/undo`, {
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

$("undo-form").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const said = await send($("undo-reason").value, $("undo-note").value);
  if (said !== "done") {
    $("undo-told").textContent = words[said] || words.failed;
    return;
  }
  $("undo-dialog").close();
  $("undo").hidden = true;
  $("last").textContent = words.done.replace("{name}", name(last));
  $("last").className = "scanner__last scanner__last--wait";
});
