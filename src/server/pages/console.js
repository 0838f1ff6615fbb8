/** Every page of the console: keeps it up to date, sends what is pressed and typed in its forms, and follows links to cards. */

import { anchorIn, ask, at, repeat } from "./dom.js";
import { element } from "./element.js";
import { confirmed, prepareCards, say } from "./deciding.js";
import { prepareInbox } from "./inbox.js";
import { refresh } from "./live.js";

const REFRESH_MS = 2000;

/** A link names a card, a turn or a message behind the #: shows it if it is here, otherwise the page that has it. */
function showAnchor() {
  const id = anchorIn(location.hash);
  for (const marked of document.querySelectorAll(".target")) marked.classList.remove("target");
  if (id === "" || id === "main") return;
  const found = at(id);
  if (found === null) {
    if (/^[a-z]{1,8}_/.test(id)) location.replace(`/console/find/${encodeURIComponent(id)}`);
    return;
  }
  found.classList.add("target");
  if ("open" in found) found.open = true;
  found.scrollIntoView({ block: "start" });
  found.focus({ preventScroll: true });
}

/** Buttons that send one thing and then show the page anew, those that are drawn later too. */
function prepareSending() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send]");
    if (button !== null) void send(button);
  });
}

/** A button that says what it is about to do is asked about first; what it sends was written when it was drawn. */
async function send(button) {
  const { send: address, body = "{}", confirm } = button.dataset;
  if (confirm !== undefined && !(await confirmed(button))) return;
  button.disabled = true;
  const answer = await ask(address, JSON.parse(body));
  button.disabled = false;
  if (answer.ok) location.reload();
  else say(answer.body.message || "Deskhand does not answer.");
}

/** Filters apply at once; without this script the button beside them does it. */
function prepareFilters() {
  for (const form of document.querySelectorAll("[data-filters]"))
    form.addEventListener("change", () => form.requestSubmit());
}

/** Unless a teammate is typing, "/" leads to the search, as on other desks; beside no list, "u" takes back what was decided here last. */
function prepareKeys() {
  const decided = [];
  document.addEventListener("decided", ({ detail }) => decided.push(detail.card));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, dialog") !== null;
    if (isTyping || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "u" && at("inbox") === null)
      (
        at("said").querySelector("button") ?? at(decided.at(-1))?.querySelector("[data-press=undo]")
      )?.click();
    if (event.key !== "/") return;
    event.preventDefault();
    location.assign("/console/search");
  });
}

async function leave() {
  await ask("/console/leave", {});
  location.assign("/console");
}

/** The text of a form as the server has it. */
const saved = new WeakMap();

/** Connects every form that is sent as data, those that are drawn later too. */
function prepareForms() {
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.form === undefined) return;
    event.preventDefault();
    void sendForm(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    const line = target.closest("[data-form] [data-line]");
    if (line !== null) showLine(line.form.elements.text, Number(line.dataset.line));
  });
  const guarded = [...document.querySelectorAll("[data-form][data-guarded]")];
  for (const form of guarded) saved.set(form, formText(form));
  // What was typed and not saved is not lost by a slip; the browser asks.
  addEventListener("beforeunload", (event) => {
    if (guarded.some((form) => formText(form) !== saved.get(form))) event.preventDefault();
  });
}

function formFields(form) {
  return Object.fromEntries(new FormData(form));
}

function formText(form) {
  return JSON.stringify(formFields(form));
}

/** What is typed stays until the server has kept it. */
async function sendForm(form) {
  const button = form.querySelector("button[type=submit]");
  const sent = formFields(form);
  button.disabled = true;
  tell(form, "");
  const file = form.elements.file?.files[0];
  const { ok, body } =
    file === undefined
      ? await ask(form.dataset.form, { ...sent, ...clickId(form) })
      : await ask(`${form.dataset.form}?name=${encodeURIComponent(file.name)}`, file);
  button.disabled = false;
  if (!ok) return tell(form, body.message || "Deskhand does not answer. Your text stays here.");
  if (body.saved !== false) {
    saved.set(form, JSON.stringify(sent));
    if (body.basis !== undefined) keepOn(form, sent, body.basis);
  }
  const { problems = [], address, said } = body;
  // What has to be read before the page shows what was done.
  if (said !== undefined) return say(said);
  if (problems.length > 0) return tellProblems(form, body);
  return address === undefined ? keepHere(form) : location.assign(address);
}

/** The name of what is sent, where the same one sent again is to count once. */
function clickId(form) {
  if (form.dataset.click === undefined) return {};
  form.dataset.click ||= crypto.randomUUID();
  return { clickId: form.dataset.click };
}

function tellProblems(form, { saved, problems }) {
  const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
  tell(form, `${saved ? "Saved as a draft" : "Not saved"}: ${count}.`, problems);
}

/** What was sent is shown on this page, beside the form for the next. */
async function keepHere(form) {
  form.reset();
  form.dataset.click = "";
  await refresh();
}

/** A text with mistakes is kept and stays open: what is saved next is another version of it, under the same name. */
function keepOn(form, sent, basis) {
  form.elements.basis.value = basis;
  form.elements.name.readOnly = true;
  saved.set(form, JSON.stringify({ ...sent, basis }));
}

function tell(form, words, problems = []) {
  const problem = form.querySelector(".error");
  problem.textContent = words;
  at("problems")?.replaceChildren(...problems.map(item));
  if (words !== "") problem.scrollIntoView({ block: "nearest" });
}

function item({ line, reason }) {
  const to = element("button", {
    type: "button",
    className: "plain",
    textContent: `Line ${line}`,
  });
  to.dataset.line = line;
  return element("li", {}, to, element("span", { className: "words", textContent: reason }));
}

/** Selects a line of the text; a browser scrolls to what is selected when the field gets the focus. */
function showLine(area, number) {
  const lines = area.value.split("\n");
  const before = lines.slice(0, number - 1).join("\n").length;
  const from = number > 1 ? before + 1 : 0;
  area.setSelectionRange(from, from + (lines[number - 1] ?? "").length);
  area.blur();
  area.focus();
}

prepareCards();
prepareInbox();
prepareSending();
prepareFilters();
prepareKeys();
prepareForms();
at("leave").addEventListener("click", () => void leave());
addEventListener("hashchange", showAnchor);
showAnchor();
void repeat(refresh, REFRESH_MS);
