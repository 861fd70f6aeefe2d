/** The list of gates, asked for with this scanner's token; without a network, as it was last known. */

const root = document.getElementById("gates");
const show = (id) => {
  document.getElementById(id).hidden = false;
};
const pick = (record, name) => record[`${name}_${root.dataset.lang}`] || record[`${name}_zh`] || record[`${name}_en`];
const [store, { install }] = await Promise.all([import(root.dataset.store), import(root.dataset.install)]);

function list({ event, gates }) {
  document.getElementById("gates-event").textContent = pick(event, "title");
  document.getElementById("gates-list").replaceChildren(
    ...gates.map((gate) => {
      const link = document.createElement("a");
      link.className = "gate-list__gate";
      link.href = `${root.dataset.path}/${encodeURIComponent(event.slug)}/${encodeURIComponent(gate.code)}`;
      link.textContent = pick(gate, "name");
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  document.getElementById("gates-leave").onclick = () => leave(event.slug);
  show("gates-found");
}

async function ask(token) {
  const answer = await fetch("/api/v1/checkin/gates", { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401) {
    store.forgetToken();
    await store.wipe().catch(() => {});
    return show("gates-revoked");
  }
  const known = await answer.json();
  list(known);
  const codes = known.gates.map((gate) => gate.code);
  await store.setKnown("gates", known).catch(() => {});
  return install(root.dataset, known.event.slug, codes, root.dataset.lang);
}

async function recall() {
  const known = await store.known("gates").catch(() => null);
  show(known ? "gates-kept" : "gates-offline");
  if (known) list(known);
}

/** The phone goes back to its owner: token, badges and names are deleted here, but no scan that the server does not have. */
async function leave(event) {
  if (await store.count(event).catch(() => 0)) return show("gates-waiting");
  if (!confirm(document.getElementById("gates-leave").dataset.confirmLeave)) return;
  store.forgetToken();
  await store.wipe().catch(() => {});
  document.getElementById("gates-found").hidden = true;
  show("gates-left");
}

const token = store.token();
if (token) ask(token).catch(recall);
else show("gates-none");
