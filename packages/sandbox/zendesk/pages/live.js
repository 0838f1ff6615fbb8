/** Keeps an open page current: reloads when the server's stamp moved, unless the visitor is typing. */
const { watch } = document.body.dataset;
let { stamp } = document.body.dataset;
let dirty = document.querySelector(".problem") !== null;
document
  .getElementById("persona")
  .addEventListener("change", (event) => event.target.form.submit());
document.addEventListener("input", (event) => {
  if (event.target.closest("main")) dirty = true;
});
/** An app that is being worked in stays as it is; only what was said is drawn again. */
async function redrawHistory(now) {
  const answer = await fetch(location.href, { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("history").replaceWith(fresh.getElementById("history"));
  return now;
}
async function reloadWhenChanged() {
  try {
    const answer = await fetch(watch, { cache: "no-store" });
    const now = answer.ok ? (await answer.text()).trim() : stamp;
    if (now !== stamp && document.activeElement?.id === "app") stamp = await redrawHistory(now);
    else if (now !== stamp && !dirty) return location.reload();
    document.getElementById("newer").hidden = now === stamp;
  } catch {
    // The server may be restarting, so the next call decides.
  }
  setTimeout(reloadWhenChanged, 1500);
}
if (watch) setTimeout(reloadWhenChanged, 1500);
