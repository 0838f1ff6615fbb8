/** The forms that are sent as data: each says what is wrong with it, and leads on when it was taken. */

import { ask, at, element } from "./dom.js";

/** Connects every form that is sent as data. */
export function prepareForms() {
  for (const form of document.querySelectorAll("[data-form]")) {
    const state = { saved: textOf(form) };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form, state);
    });
    form.addEventListener("click", (event) => {
      const { line } = event.target.closest("[data-line]")?.dataset ?? {};
      if (line !== undefined) showLine(form.elements.text, Number(line));
    });
    // What was typed and not saved is not lost by a slip; the browser asks.
    if (form.dataset.guarded !== undefined)
      addEventListener("beforeunload", (event) => {
        if (textOf(form) !== state.saved) event.preventDefault();
      });
  }
}

function fieldsOf(form) {
  return Object.fromEntries(new FormData(form));
}

function textOf(form) {
  return JSON.stringify(fieldsOf(form));
}

async function send(form, state) {
  const button = form.querySelector("button.main");
  const sent = fieldsOf(form);
  button.disabled = true;
  tell(form, "");
  const { ok, body } = await ask(form.dataset.form, sent);
  button.disabled = false;
  if (!ok) return tell(form, body.message || "Deskhand does not answer. Your text stays here.");
  if (body.saved !== false) {
    state.saved = JSON.stringify(sent);
    if (body.basis !== undefined) keepOn(form, state, body.basis);
  }
  const { problems = [] } = body;
  if (problems.length === 0) return location.assign(body.address);
  const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
  tell(form, `${body.saved ? "Saved as a draft" : "Not saved"}: ${count}.`, problems);
}

/** A text with mistakes is kept and stays open: what is saved next is another version of it, under the same name. */
function keepOn(form, state, basis) {
  form.elements.basis.value = basis;
  form.elements.name.readOnly = true;
  state.saved = JSON.stringify({ ...JSON.parse(state.saved), basis });
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
