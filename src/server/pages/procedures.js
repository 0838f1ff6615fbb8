/** The form in which a lead writes a procedure: sends it as data, shows each mistake, and leads to its line. */

import { ask, at, element } from "./dom.js";

/** Connects the form, where the page has one. */
export function prepareProcedure() {
  const form = at("write");
  if (form === null) return;
  const before = textIn(form);
  const state = { saved: before };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save(form, state);
  });
  at("problems").addEventListener("click", (event) => {
    const { line } = event.target.closest("[data-line]")?.dataset ?? {};
    if (line !== undefined) showLine(form.elements.text, Number(line));
  });
  // What was typed and not saved is not lost by a slip; the browser asks.
  addEventListener("beforeunload", (event) => {
    if (textIn(form) !== state.saved) event.preventDefault();
  });
}

function textIn(form) {
  return form.elements.text.value;
}

async function save(form, state) {
  const send = form.querySelector("button.main");
  const text = textIn(form);
  const { procedure, basis } = form.dataset;
  const name = procedure === "" ? form.elements.name.value.trim() : procedure;
  send.disabled = true;
  const { ok, body } = await ask("/console/procedures/save", { name, text, basis });
  send.disabled = false;
  if (!ok) return tell([body.message || "Deskhand does not answer. Your text stays here."], null);
  if (body.saved) {
    state.saved = text;
    form.dataset.basis = body.basis;
    form.dataset.procedure = name;
    if (form.elements.name) form.elements.name.readOnly = true;
  }
  if (body.problems.length === 0) return location.assign(body.address);
  const count = body.problems.length === 1 ? "one mistake" : `${body.problems.length} mistakes`;
  tell([`${body.saved ? "Saved as a draft" : "Not saved"}: ${count}.`], body.problems);
}

function tell(lines, problems) {
  at("problems").replaceChildren(
    ...lines.map((textContent) => element("p", { className: "error", textContent })),
    problems === null
      ? ""
      : element("ol", { className: "problems" }, ...problems.map((problem) => item(problem))),
  );
  at("problems").scrollIntoView({ block: "nearest" });
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
