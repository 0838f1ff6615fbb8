/** Keeps an open page current: reloads when the server's stamp moved, or shows a banner while the visitor is typing. */
const stamp = document.body.dataset.stamp;
let dirty = false;
document
  .getElementById("persona")
  .addEventListener("change", (event) => event.target.form.submit());
document.addEventListener("input", (event) => {
  if (event.target.closest("main")) dirty = true;
});
document.addEventListener("keydown", (event) => {
  const form =
    event.key === "Enter" &&
    (event.ctrlKey || event.metaKey) &&
    event.target.closest("textarea")?.form;
  if (form) form.requestSubmit();
});
// After a refusal, the page that shows the reason has the text again.
const kept = "words:" + location.pathname;
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || !event.target.closest("main")) return;
  const fields = [
    ...event.target.querySelectorAll("textarea, input[type=text], input[type=radio]:checked"),
  ];
  sessionStorage.setItem(kept, JSON.stringify(fields.map((field) => [field.name, field.value])));
});
const problem = document.querySelector(".problem");
if (problem) {
  for (const [name, value] of JSON.parse(sessionStorage.getItem(kept) ?? "[]"))
    for (const field of document.querySelectorAll("main [name=" + CSS.escape(name) + "]"))
      if (field.type === "radio") field.checked = field.value === value;
      else if (field.matches("textarea, input[type=text]")) field.value = value;
  dirty = true;
}
sessionStorage.removeItem(kept);
async function reloadWhenChanged() {
  try {
    const answer = await fetch(document.body.dataset.watch, { cache: "no-store" });
    const now = answer.ok ? (await answer.text()).trim() : stamp;
    if (now !== stamp && !dirty) return location.reload();
    const banner = document.getElementById("newer");
    if (now !== stamp && banner) banner.hidden = false;
  } catch {
    // The server may be restarting, so the next call decides.
  }
  setTimeout(reloadWhenChanged, 1500);
}
if (document.body.dataset.watch) setTimeout(reloadWhenChanged, 1500);
