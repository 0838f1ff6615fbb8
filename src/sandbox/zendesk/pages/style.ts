/** The one style sheet of the sandbox's pages. */
export const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1f2933, #e4e9ed); --soft: light-dark(#5b6b7a, #9fb0bd);
  --line: light-dark(#e1e6eb, #333f48); --page: light-dark(#f4f6f8, #14191d); --card: light-dark(#fff, #1d252b);
  --field: light-dark(#fff, #161d22); --edge: light-dark(#bcc7cf, #4a5963); --hover: light-dark(#e8ecef, #263139);
  --head: light-dark(#fafbfc, #222b32); --link: light-dark(#17608f, #7fc0ec); --top: #17494d;
  --brand: light-dark(#17494d, #2c7a80); --brand-ink: light-dark(#17494d, #a9dcd9); --brand-soft: light-dark(#e3efee, #1f3a3c);
  --note: light-dark(#fff8e1, #322b17); --note-edge: light-dark(#f2dd9b, #5f5226); --note-line: light-dark(#f0c852, #b98f1d);
  --note-chip: light-dark(#f7e3a1, #5c4a12); --note-ink: light-dark(#6b4e00, #f4dc94); --note-on: light-dark(#8a6200, #7d5c0a);
  --public-line: #4b9a7d; --public-chip: light-dark(#dff1e8, #1c3f30); --public-ink: light-dark(#1b5e43, #a6dcc2);
  --bot-chip: light-dark(#e9e3f6, #37295a); --bot-ink: light-dark(#543a8c, #cfbdf3); --grey-chip: light-dark(#e8ecef, #2c3841);
  --grey-ink: light-dark(#44525e, #b9c6d0); --danger: light-dark(#b42318, #ffb4ab); --danger-page: light-dark(#fdecea, #3d1d1a);
  --danger-edge: light-dark(#f3b6b0, #7d3a33); --news: light-dark(#e7f1fa, #17303f); --news-edge: light-dark(#b5d3ec, #2f5a75);
  --focus: light-dark(#1f73b7, #7fc0ec); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  color: var(--ink); background: var(--page); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 1.3rem; margin: 0; line-height: 1.3; } h2 { font-size: .95rem; margin: 0 0 .6rem; }
header.top { display: flex; align-items: center; gap: 1.2rem; background: var(--top); color: #fff; padding: .6rem 1.4rem; }
header.top a { color: #fff; } header.top .name { font-weight: 650; letter-spacing: .01em; }
header.top nav { display: flex; gap: 1rem; font-size: .92rem; } header.top nav a { opacity: .85; }
header.top form { margin-left: auto; display: flex; gap: .5rem; align-items: center; font-size: .9rem; }
header.top select { background: #0f3639; color: #fff; border-color: #3f7377; width: auto; }
header.top button { background: transparent; border-color: #6fa0a3; }
main { max-width: 1180px; margin: 1.4rem auto 4rem; padding: 0 1.4rem; }
main.narrow { max-width: 760px; }
.columns { display: grid; grid-template-columns: 200px minmax(0, 1fr); gap: 1.4rem; }
.ticket { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 1.4rem; align-items: start; }
@media (max-width: 860px) { .columns, .ticket { grid-template-columns: minmax(0, 1fr); } header.top { flex-wrap: wrap; }
  .views { flex-direction: row; flex-wrap: wrap; } .views a { gap: .4rem; } td:nth-child(n+4), th:nth-child(n+4) { display: none; } }
.views { display: flex; flex-direction: column; gap: .15rem; }
.views a { display: flex; justify-content: space-between; padding: .38rem .7rem; border-radius: 6px; color: var(--ink); }
.views a:hover { background: var(--hover); text-decoration: none; }
.views a[aria-current] { background: var(--brand-soft); color: var(--brand-ink); font-weight: 600; }
.views span { color: var(--soft); font-size: .85rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; }
.card + .card, .events + .card, .message + .card { margin-top: 1rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  border-spacing: 0; overflow: hidden; border-collapse: separate; }
th { text-align: left; font-size: .8rem; color: var(--soft); font-weight: 600; padding: .6rem .8rem; background: var(--head); }
td { padding: .65rem .8rem; border-top: 1px solid var(--line); vertical-align: top; }
tr:hover td { background: var(--head); } td .subject { font-weight: 600; color: var(--ink); }
td small, .soft { color: var(--soft); font-size: .85rem; }
.nowrap, time { white-space: nowrap; }
.status { display: inline-block; min-width: 4.4em; text-align: center; padding: .05rem .5rem; border-radius: 5px;
  font-size: .78rem; font-weight: 650; text-transform: capitalize; color: #fff; background: #68737d; }
.empty h1 { color: var(--ink); } .status.new { background: #ffb648; color: #4a2f00; } .status.open { background: #c7321f; } .status.pending { background: #2673a8; }
.status.hold { background: #303a42; } .status.solved { background: #66727d; } .status.closed { background: #c9d0d6; color: #39434b; }
.tag { display: inline-block; background: var(--grey-chip); border-radius: 4px; padding: 0 .4rem; font-size: .8rem; margin: .1rem .2rem 0 0; color: var(--grey-ink); }
.head { display: flex; gap: .8rem; align-items: flex-start; justify-content: space-between; margin-bottom: 1rem; }
.message { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--public-line); border-radius: 8px;
  padding: .8rem 1rem; margin: .8rem 0; }
.message.customer { border-left-color: #8796a3; }
.message.note { background: var(--note); border-color: var(--note-edge); border-left-color: var(--note-line); }
.message .who { display: flex; gap: .6rem; align-items: center; margin-bottom: .45rem; flex-wrap: wrap; }
.message .who time { margin-left: auto; color: var(--soft); font-size: .83rem; }
.message .text { white-space: pre-wrap; overflow-wrap: anywhere; }
.avatar { width: 28px; height: 28px; border-radius: 50%; display: inline-grid; place-items: center; font-size: .74rem; font-weight: 700;
  background: var(--brand-soft); color: var(--brand-ink); flex: none; }
.avatar.bot { background: var(--bot-chip); color: var(--bot-ink); } .avatar.customer { background: var(--grey-chip); color: var(--grey-ink); }
.label { font-size: .74rem; font-weight: 650; border-radius: 4px; padding: .05rem .4rem; background: var(--public-chip); color: var(--public-ink); }
.label.note { background: var(--note-chip); color: var(--note-ink); } .label.bot { background: var(--bot-chip); color: var(--bot-ink); }
.label.danger { background: var(--danger-page); color: var(--danger); }
.events { margin: .5rem 0 .5rem 1.1rem; padding: 0; list-style: none; color: var(--soft); font-size: .87rem; }
.events li { padding: .08rem 0; } .events b { color: var(--ink); font-weight: 600; }
label { display: block; font-size: .85rem; font-weight: 600; margin: .7rem 0 .25rem; } label:first-child { margin-top: 0; }
input, select, textarea, button { font: inherit; }
input[type=text], input[type=email], input[type=number], select, textarea { width: 100%; padding: .45rem .55rem; border: 1px solid var(--edge);
  border-radius: 6px; background: var(--field); color: inherit; }
textarea { min-height: 7rem; resize: vertical; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
button { padding: .42rem .9rem; border-radius: 6px; border: 1px solid var(--edge); background: var(--card); cursor: pointer; color: inherit; }
button[aria-pressed=true] { background: var(--brand-soft); border-color: var(--brand); color: var(--brand-ink); font-weight: 600; }
.button { padding: .42rem .9rem; border-radius: 6px; background: var(--brand); color: #fff; font-weight: 600; white-space: nowrap; }
.button:hover { text-decoration: none; }
button:hover { filter: brightness(.95); } button.main { background: var(--brand); border-color: var(--brand); color: #fff; font-weight: 600; }
.row { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; } .row.end { justify-content: flex-end; margin-top: .8rem; }
.row select { width: auto; }
.switch { display: inline-flex; border: 1px solid var(--edge); border-radius: 7px; overflow: hidden; margin-bottom: .6rem; }
.switch label { margin: 0; padding: .35rem .9rem; cursor: pointer; font-size: .88rem; }
.switch input { position: absolute; opacity: 0; } .switch label:has(input:checked) { background: var(--brand); color: #fff; }
.switch label:has(input:focus-visible) { outline: 2px solid var(--focus); outline-offset: -2px; }
.composer:has(input[value=note]:checked) { background: var(--note); border-color: var(--note-edge); }
.composer:has(input[value=note]:checked) .switch label:has(input:checked) { background: var(--note-on); }
.problem { background: var(--danger-page); border: 1px solid var(--danger-edge); color: var(--danger); padding: .6rem .9rem; border-radius: 8px; margin-bottom: 1rem; }
.newer { background: var(--news); border: 1px solid var(--news-edge); padding: .5rem .9rem; border-radius: 8px; margin-bottom: 1rem; }
.empty { text-align: center; color: var(--soft); padding: 3rem 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem .9rem; margin: 0; font-size: .9rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.files { margin: .6rem 0 0; padding: .5rem 0 0; border-top: 1px solid var(--line); list-style: none; font-size: .9rem; overflow-wrap: anywhere; }
.text { overflow-wrap: anywhere; } .card .text { white-space: pre-wrap; }
.stars { border: 0; margin: 0 0 .8rem; padding: 0; display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .5rem; }
.stars legend { font-weight: 650; margin-bottom: .6rem; padding: 0; }
.stars label { margin: 0; display: grid; justify-items: center; gap: .1rem; padding: .6rem .2rem; border: 1px solid var(--edge); border-radius: 8px;
  cursor: pointer; text-align: center; font-weight: 400; }
.stars b { font-size: 1.15rem; } .stars input { position: absolute; opacity: 0; }
.stars label:has(input:checked) { background: var(--brand); border-color: var(--brand); color: #fff; }
.stars label:has(input:focus-visible) { outline: 2px solid var(--focus); outline-offset: 2px; }
details .card { border: 0; padding: 0; background: none; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; border-radius: 6px; z-index: 1; }
main:focus { outline: none; } .keys { margin-left: auto; }
@media (max-width: 640px) { main, header.top { padding-left: .9rem; padding-right: .9rem; } header.top { gap: .6rem 1rem; }
  header.top nav { order: 3; width: 100%; flex-wrap: wrap; gap: .3rem 1rem; } header.top form label { display: none; } header.top select { max-width: 8.5rem; }
  .head { flex-wrap: wrap; } td, th { padding: .5rem .55rem; } .keys { display: none; } .status { min-width: 0; }
  .stars { grid-template-columns: minmax(0, 1fr); } .stars label { grid-template-columns: 2rem 1fr; justify-items: start; align-items: center; padding: .5rem .8rem; text-align: left; }
  .message .who time { margin-left: 0; width: 100%; } input, select, textarea { font-size: 16px; } button, .button { min-height: 2.5rem; } }
aside .stars { grid-template-columns: minmax(0, 1fr); } aside .stars label { grid-template-columns: 2rem 1fr; justify-items: start;
  align-items: center; padding: .3rem .7rem; text-align: left; }
@media (max-width: 860px) { .views { flex-direction: row; flex-wrap: wrap; } .views a { gap: .4rem; padding: .3rem .6rem; } }
details summary { cursor: pointer; font-weight: 600; font-size: .9rem; } details[open] summary { margin-bottom: .6rem; }
`;

/**
 * Keeps an open page current: reloads when the server's stamp moved, or shows a banner while the visitor is typing.
 */
export const SCRIPT = `
const stamp = document.body.dataset.stamp;
let dirty = false;
document.getElementById("persona").addEventListener("change", (event) => event.target.form.submit());
document.addEventListener("input", (event) => { if (event.target.closest("main")) dirty = true; });
document.addEventListener("keydown", (event) => {
  const form = event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("textarea")?.form;
  if (form) form.requestSubmit();
});
// What was refused is not lost: the page that says why has the words again.
const kept = "words:" + location.pathname;
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || !event.target.closest("main")) return;
  const fields = [...event.target.querySelectorAll("textarea, input[type=text], input[type=radio]:checked")];
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
async function look() {
  try {
    const answer = await fetch(document.body.dataset.watch, { cache: "no-store" });
    const now = answer.ok ? (await answer.text()).trim() : stamp;
    if (now !== stamp && !dirty) return location.reload();
    const banner = document.getElementById("newer");
    if (now !== stamp && banner) banner.hidden = false;
  } catch { /* The server is restarting; the next look will tell. */ }
  setTimeout(look, 1500);
}
if (document.body.dataset.watch) setTimeout(look, 1500);
`;
