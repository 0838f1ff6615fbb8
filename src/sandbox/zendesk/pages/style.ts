/** The one style sheet of the sandbox's pages. */
export const STYLE = `
:root { color-scheme: light; --ink: #1f2933; --soft: #5b6b7a; --line: #e1e6eb; --page: #f4f6f8; --card: #fff;
  --brand: #17494d; --brand-soft: #e3efee; --note: #fff8e1; --note-line: #f0c852; --public-line: #4b9a7d;
  --danger: #b42318; --focus: #1f73b7; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  color: var(--ink); background: var(--page); }
a { color: #17608f; text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 1.3rem; margin: 0; line-height: 1.3; } h2 { font-size: .95rem; margin: 0 0 .6rem; }
header.top { display: flex; align-items: center; gap: 1.2rem; background: var(--brand); color: #fff; padding: .6rem 1.4rem; }
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
.views a:hover { background: #e8ecef; text-decoration: none; }
.views a[aria-current] { background: var(--brand-soft); color: var(--brand); font-weight: 600; }
.views span { color: var(--soft); font-size: .85rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; }
.card + .card, .events + .card, .message + .card { margin-top: 1rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  border-spacing: 0; overflow: hidden; border-collapse: separate; }
th { text-align: left; font-size: .8rem; color: var(--soft); font-weight: 600; padding: .6rem .8rem; background: #fafbfc; }
td { padding: .65rem .8rem; border-top: 1px solid var(--line); vertical-align: top; }
tr:hover td { background: #fafcfc; } td .subject { font-weight: 600; color: var(--ink); }
td small, .soft { color: var(--soft); font-size: .85rem; }
.nowrap, time { white-space: nowrap; }
.status { display: inline-block; min-width: 4.4em; text-align: center; padding: .05rem .5rem; border-radius: 5px;
  font-size: .78rem; font-weight: 650; text-transform: capitalize; color: #fff; background: #68737d; }
.status.new { background: #ffb648; color: #4a2f00; } .status.open { background: #c7321f; } .status.pending { background: #2d7fb8; }
.status.hold { background: #303a42; } .status.solved { background: #74818d; } .status.closed { background: #c9d0d6; color: #39434b; }
.tag { display: inline-block; background: #eef1f4; border-radius: 4px; padding: 0 .4rem; font-size: .8rem; margin: .1rem .2rem 0 0; color: #44525e; }
.head { display: flex; gap: .8rem; align-items: flex-start; justify-content: space-between; margin-bottom: 1rem; }
.message { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--public-line); border-radius: 8px;
  padding: .8rem 1rem; margin: .8rem 0; }
.message.customer { border-left-color: #9aa7b3; }
.message.note { background: var(--note); border-color: #f2dd9b; border-left-color: var(--note-line); }
.message .who { display: flex; gap: .6rem; align-items: center; margin-bottom: .45rem; flex-wrap: wrap; }
.message .who time { margin-left: auto; color: var(--soft); font-size: .83rem; }
.message .text { white-space: pre-wrap; overflow-wrap: anywhere; }
.avatar { width: 28px; height: 28px; border-radius: 50%; display: inline-grid; place-items: center; font-size: .74rem; font-weight: 700;
  background: var(--brand-soft); color: var(--brand); flex: none; }
.avatar.bot { background: #e9e3f6; color: #543a8c; } .avatar.customer { background: #e8ecef; color: #44525e; }
.label { font-size: .74rem; font-weight: 650; border-radius: 4px; padding: .05rem .4rem; background: #dff1e8; color: #1b5e43; }
.label.note { background: #f7e3a1; color: #6b4e00; } .label.bot { background: #e9e3f6; color: #543a8c; }
.events { margin: .5rem 0 .5rem 1.1rem; padding: 0; list-style: none; color: var(--soft); font-size: .87rem; }
.events li { padding: .08rem 0; } .events b { color: #3d4a55; font-weight: 600; }
label { display: block; font-size: .85rem; font-weight: 600; margin: .7rem 0 .25rem; } label:first-child { margin-top: 0; }
input, select, textarea, button { font: inherit; }
input[type=text], input[type=email], input[type=number], select, textarea { width: 100%; padding: .45rem .55rem; border: 1px solid #c4ced6;
  border-radius: 6px; background: #fff; color: inherit; }
textarea { min-height: 7rem; resize: vertical; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
button { padding: .42rem .9rem; border-radius: 6px; border: 1px solid #b9c4cc; background: #fff; cursor: pointer; color: inherit; }
.button { padding: .42rem .9rem; border-radius: 6px; background: var(--brand); color: #fff; font-weight: 600; white-space: nowrap; }
.button:hover { text-decoration: none; }
button:hover { filter: brightness(.97); } button.main { background: var(--brand); border-color: var(--brand); color: #fff; font-weight: 600; }
.row { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; } .row.end { justify-content: flex-end; margin-top: .8rem; }
.row select { width: auto; }
.switch { display: inline-flex; border: 1px solid #c4ced6; border-radius: 7px; overflow: hidden; margin-bottom: .6rem; }
.switch label { margin: 0; padding: .35rem .9rem; cursor: pointer; font-size: .88rem; }
.switch input { position: absolute; opacity: 0; } .switch label:has(input:checked) { background: var(--brand); color: #fff; }
.switch label:has(input:focus-visible) { outline: 2px solid var(--focus); outline-offset: -2px; }
.composer:has(input[value=note]:checked) { background: var(--note); border-color: #f2dd9b; }
.composer:has(input[value=note]:checked) .switch label:has(input:checked) { background: #b07d00; }
.problem { background: #fdecea; border: 1px solid #f3b6b0; color: var(--danger); padding: .6rem .9rem; border-radius: 8px; margin-bottom: 1rem; }
.newer { background: #e7f1fa; border: 1px solid #b5d3ec; padding: .5rem .9rem; border-radius: 8px; margin-bottom: 1rem; }
.empty { text-align: center; color: var(--soft); padding: 3rem 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem .9rem; margin: 0; font-size: .9rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details summary { cursor: pointer; font-weight: 600; font-size: .9rem; } details[open] summary { margin-bottom: .6rem; }
`;

/**
 * Keeps an open page current: reloads when the server's stamp moved, unless someone is typing, who is told instead.
 */
export const SCRIPT = `
const stamp = document.body.dataset.stamp;
let dirty = false;
document.getElementById("persona").addEventListener("change", (event) => event.target.form.submit());
document.addEventListener("input", (event) => { if (event.target.closest("main")) dirty = true; });
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
