/** The inbox: opens a case beside its list without leaving the page, goes on to the next, approves many, and its keys. */

import { hasUnsent } from "./answering.js";
import { ask, at } from "./dom.js";
import { confirmed, isUnread, offerUndo, say } from "./deciding.js";
import { element } from "./element.js";
import { letGo, parsed, refresh } from "./live.js";

/** The row that is chosen and its place, the newest case asked for, and what was decided here, the last one last. */
const state = { row: "", place: -1, asked: 0, decided: new Set() };

/** After these the next case of the list is opened. */
const ENDS = new Set([
  "approve",
  "reject",
  "escalate",
  "dismiss",
  "reply",
  "assign",
  "snooze",
  "close",
]);

/** What was said covers rows of the list; it stays a little longer than what it offers to undo. */
const SAID_MS = 8_000;

/** Connects the list, the case beside it and the keys, where the page has them. */
export function prepareInbox() {
  const inbox = at("inbox");
  if (inbox === null) return;
  choose(rowWith(inbox.dataset.case));
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", keyed);
  document.addEventListener("refreshed", mark);
  document.addEventListener("decided", ({ detail }) => void goOn(detail));
  addEventListener("popstate", () => void moved(inbox.dataset.case));
}

function rows() {
  return [...document.querySelectorAll("#cases > [data-case]")];
}

function rowWith(id) {
  return id === "" ? undefined : rows().find((row) => row.dataset.case === id);
}

function choose(row) {
  state.row = row?.id ?? "";
  if (row !== undefined) state.place = rows().indexOf(row);
  mark();
}

/** A list that was drawn anew knows nothing of what is chosen. */
function mark() {
  for (const row of rows()) {
    const isChosen = row.id === state.row;
    row.classList.toggle("chosen", isChosen);
    if (isChosen) row.querySelector(".what").setAttribute("aria-current", "true");
    else row.querySelector(".what").removeAttribute("aria-current");
  }
}

function clicked(event) {
  const row = event.target.closest("#cases > [data-case]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (row !== null && isPlain && event.target.closest("a") !== null) {
    event.preventDefault();
    void open(row, { isInto: true });
  } else if (event.target.closest("#pane .back") !== null) {
    event.preventDefault();
    void back();
  } else if (event.target.closest("#approve-ticked") !== null) void approveTicked(event);
}

// The case beside the list.

/** The browser's own way back leaves a case as any other way does. */
async function moved(here) {
  const id = new URL(location).searchParams.get("case") ?? "";
  if (id === here) return;
  if (await mayLeave()) return id === "" ? shut() : show(id);
  history.pushState({ isOurs: true }, "", addressOf(here));
}

function addressOf(id) {
  const address = new URL(location);
  if (id === "") address.searchParams.delete("case");
  else address.searchParams.set("case", id);
  address.hash = "";
  return address;
}

/** What is typed and not sent is not lost by a slip. */
async function mayLeave() {
  if (!hasUnsent()) return true;
  const confirm = "What you typed here was not sent. Leave it?";
  return confirmed({ dataset: { confirm, approve: "Leave it" } });
}

/** Opens the case of a row; `isInto` puts the keyboard into it, otherwise it stays in the list. */
async function open(row, { isInto = false } = {}) {
  if (row === undefined || !(await mayLeave())) return;
  choose(row);
  row.scrollIntoView({ block: "nearest" });
  if (!isInto) row.querySelector(".what").focus({ preventScroll: true });
  const isOpen = new URL(location).searchParams.has("case");
  // From case to case the way back stays the list.
  const change = isOpen ? "replaceState" : "pushState";
  history[change](isOpen ? history.state : { isOurs: true }, "", addressOf(row.dataset.case));
  if (await show(row.dataset.case)) if (isInto) at("pane-title")?.focus({ preventScroll: true });
}

/** Shows a case in the pane; false where another one was asked for meanwhile. */
async function show(id) {
  const asked = ++state.asked;
  const pane = at("pane");
  pane.ariaBusy = "true";
  const answer = await ask(`/console/part/pane/${encodeURIComponent(id)}`);
  if (asked !== state.asked) return false;
  fill(id, answer.ok ? [...parsed(answer.text).childNodes] : []);
  if (!answer.ok) say(answer.body.message || "Deskhand does not answer.");
  return true;
}

function fill(id, nodes) {
  const [inbox, pane] = [at("inbox"), at("pane")];
  for (const piece of pane.querySelectorAll("[id]")) letGo(piece);
  pane.replaceChildren(...nodes);
  pane.scrollTop = 0;
  pane.ariaBusy = "false";
  const live = new URL(inbox.dataset.live, location.origin);
  if (id === "") live.searchParams.delete("case");
  else live.searchParams.set("case", id);
  inbox.dataset.live = `${live.pathname}${live.search}`;
  inbox.dataset.case = id;
  if (id !== "" && matchMedia("(max-width: 900px)").matches)
    scrollTo({ top: 0, behavior: "instant" });
}

/** Leaves the case for the list, by the browser's own way back where we came by it. */
async function back() {
  if (at("inbox").dataset.case === "") return;
  if (history.state?.isOurs === true) return history.back();
  if (!(await mayLeave())) return;
  leave();
  shut();
}

function leave() {
  history.replaceState({}, "", addressOf(""));
}

function shut(words = []) {
  state.asked += 1;
  fill("", words);
  (at(state.row)?.querySelector(".what") ?? at("pane")).focus();
}

/** The row so many further on; where the chosen one is gone, the one in its place. */
function step(by, fits = () => true) {
  const all = rows();
  const here = all.findIndex(({ id }) => id === state.row);
  const from = here >= 0 ? here + by : by > 0 ? Math.max(state.place, 0) : state.place - 1;
  const onward = by > 0 ? all.slice(from) : all.slice(0, Math.max(from + 1, 0)).toReversed();
  return onward.find(fits);
}

function isLeft(row) {
  return !row.matches(".done, .gone") && row.id !== state.row && !state.decided.has(row.id);
}

/** A decided case makes room for the next one, and after the last for the first that is left. */
async function goOn({ button, card, isInPane }) {
  if (button === "undo") state.decided.delete(`row-${card}`);
  if (!ENDS.has(button)) return;
  state.decided.add(`row-${card}`);
  if (!isInPane) return;
  const told = at("said").firstChild;
  setTimeout(() => at("said").firstChild === told && say(""), SAID_MS);
  const next = step(1, isLeft) ?? rows().find(isLeft);
  if (next !== undefined) return open(next);
  leave();
  shut([element("p", { className: "soft", textContent: "Nothing is left in this view." })]);
}

// Many at once.

async function approveTicked(event) {
  const boxes = [...document.querySelectorAll("#cases .tick:checked:not(:disabled)")];
  if (boxes.length === 0) return say("Nothing is ticked.");
  if (isUnread(event, boxes)) return;
  const button = at("approve-ticked");
  const titles = new Map(boxes.map((box) => [box.dataset.tick, box.parentElement]));
  const titleOf = (id) => titles.get(id).querySelector(".what").textContent;
  const confirm = `Approve these ${boxes.length}?\n\n${[...titles.keys()].map(titleOf).join("\n")}`;
  const asks = { dataset: { confirm, approve: `Approve ${boxes.length}` } };
  if (button.dataset.confirm !== "" && !(await confirmed(asks))) return;
  button.disabled = true;
  const cards = boxes.map(({ dataset }) => ({
    approvalId: dataset.tick,
    version: Number(dataset.version),
  }));
  const answer = await ask("/console/decide-many", { clickId: crypto.randomUUID(), cards });
  button.disabled = false;
  if (!answer.ok) return say(answer.body.message || "Deskhand does not answer. Look again first.");
  for (const { accepted, approvalId } of answer.body.answers)
    if (accepted) state.decided.add(`row-${approvalId}`);
  const told = answer.body.answers.map((one) => ({ ...one, title: titleOf(one.approvalId) }));
  tellOutcomes(told);
  // What was approved together is taken back together, while each of it can be.
  const done = told.filter(({ accepted }) => accepted);
  const undoable = done.filter(({ undoMs }) => undoMs > 0);
  const [left, most] = [undoable.length, done.length];
  offerUndo(
    undoable.map(({ approvalId, version }) => ({ card: approvalId, version })),
    Math.min(...undoable.map(({ undoMs }) => undoMs)),
    {
      place: at("outcomes"),
      id: "undo-all",
      textContent: left === most ? `Undo all ${most}` : `Undo ${left} of ${most}`,
    },
  );
  await refresh();
}

/** What was refused, with why, and what was done: it stays until the page is left. */
function tellOutcomes(told) {
  const [refused, done] = [false, true].map((is) => told.filter((one) => one.accepted === is));
  const lines = [
    ...refused.map(({ title, message }) => `✗ ${title}: ${message || "refused"}`),
    ...done.map(({ title }) => `✓ ${title}`),
  ].map((textContent) => element("li", { textContent }));
  const heading = `${done.length} approved, ${refused.length} refused`;
  const outcomes = at("outcomes");
  outcomes.replaceChildren(element("h2", { textContent: heading }), element("ul", {}, ...lines));
  outcomes.hidden = false;
  outcomes.focus();
}

// Keys.

const MOVES = {
  j: () => open(step(1)),
  k: () => open(step(-1)),
  Enter: () => open(at(state.row) ?? rows()[0], { isInto: true }),
  Escape: back,
  x: () => at(state.row)?.querySelector(".tick")?.click(),
  "?": () => at("keys").showModal(),
};
const ARROWS = { ArrowDown: "j", ArrowUp: "k" };

/** What is typed into is no place for keys; what Enter presses it presses; and in a case, arrows scroll. */
const OWN_KEYS = "textarea, select, dialog, input:not([type=checkbox])";
const isTaken = ({ key, target }) =>
  target.closest(OWN_KEYS) !== null ||
  (key === "Enter" && target.closest("a, button, summary") !== null) ||
  (key in ARROWS && target.closest("#pane") !== null);

function keyed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
  const key = ARROWS[event.key] ?? event.key;
  const move = MOVES[key];
  // A key that is held down moves on, and presses nothing more.
  if (move === undefined && (event.repeat || !press(key))) return;
  event.preventDefault();
  void move?.();
}

/** Presses what the list of keys names for this one, or puts the cursor into it; false where there is nothing. */
function press(key) {
  const named = document.querySelector(`#keys [data-key-name="${CSS.escape(key)}"]`);
  // Of a case that is on its way nothing is pressed; what was decided is taken back meanwhile too.
  if (!named?.dataset.does || (at("pane").ariaBusy === "true" && key !== "u")) return false;
  const found = document.querySelector(named.dataset.does) ?? (key === "u" ? lastUndo() : null);
  if (found === null) return false;
  for (const fold of ancestors(found)) fold.open = true;
  if (found.matches("textarea, select, input")) found.focus();
  else found.click();
  return true;
}

/** The way back from what was decided here last; that of a colleague stands in the list too, and is not taken. */
function lastUndo() {
  const undo =
    at("undo-all") ?? at([...state.decided].at(-1))?.querySelector("[data-press=undo]") ?? null;
  if (undo === null) say("Nothing of yours to undo.");
  return undo;
}

/** What has to be unfolded for it to be seen. */
function ancestors(found) {
  const folds = [];
  for (let at = found.closest("details"); at !== null; at = at.parentElement.closest("details"))
    folds.push(at);
  return folds;
}
