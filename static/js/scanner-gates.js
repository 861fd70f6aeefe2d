/** The list of gates, asked for with this scanner's token. */

const root = document.getElementById("gates");
const show = (id) => {
  document.getElementById(id).hidden = false;
};
const pick = (record, name) => record[`${name}_${root.dataset.lang}`] || record[`${name}_zh`] || record[`${name}_en`];

async function list(token) {
  const answer = await fetch("/api/v1/checkin/gates", { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401) return show("gates-revoked");
  const { event, gates } = await answer.json();
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
  show("gates-found");
}

const token = (await import(root.dataset.store)).token();
if (token) list(token).catch(() => show("gates-offline"));
else show("gates-none");
