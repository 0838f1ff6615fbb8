/** The console's forms for editing, rejecting, redrafting and giving an opinion. */

import { element } from "./dom.js";

/** The labels of the ways to reject a card, by kind. */
const KINDS = {
  i_answer: "I answer: the conversation goes to me",
  no_answer: "No answer needed: it ends here",
  reason: "Something is wrong with it: the team answers",
};
/** Reasons against a policy change; no customer waits for an answer to it. */
const POLICY_REASONS = ["I do not agree", "It has a mistake", "Not now"];

/**
 * A form inside a card. `submit` receives the values and returns field errors, or null when the form is done. Until
 * then everything typed stays.
 */
function form(fields, { label, submit, cancel }) {
  const send = element("button", { className: "main", textContent: label });
  const problem = element("p", { className: "error", role: "alert" });
  const made = element(
    "form",
    {},
    ...fields.map(({ view }) => view),
    problem,
    element(
      "div",
      { className: "row" },
      send,
      element("button", { type: "button", textContent: "Cancel", onclick: cancel }),
    ),
  );
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const errors = await submit(
      Object.fromEntries(fields.map(({ name, input }) => [name, input.value])),
    );
    send.disabled = false;
    if (errors === null) return;
    problem.textContent = errors.message ?? "";
    for (const { name, input, error } of fields) {
      error.textContent = errors[name] ?? "";
      input.setAttribute("aria-invalid", String(errors[name] !== undefined));
    }
  });
  return made;
}

function field(name, label, input) {
  const id = crypto.randomUUID();
  const error = element("p", { className: "error", id: `${id}-error` });
  input.id = id;
  input.setAttribute("aria-describedby", error.id);
  const title = element("label", { htmlFor: id, textContent: label });
  return { name, input, error, view: element("div", { className: "field" }, title, input, error) };
}

/** The whole text as it will be sent, and the amount when money moves. */
export function editForm({ text, amount, currency, order }, handlers) {
  const reply = element("textarea", { value: text, required: true, dir: "auto" });
  reply.rows = Math.min(24, Math.max(8, text.split("\n").length + 2));
  const fields = [field("text", "Reply, as it will be sent", reply)];
  const which = order ? `, order ${String(order)}` : "";
  if (amount !== null)
    fields.push(
      field(
        "amount",
        `Amount in ${currency ?? "its currency"}${which}`,
        element("input", { value: amount, required: true, inputMode: "decimal", maxLength: 40 }),
      ),
    );
  return form(fields, { label: "Save", ...handlers });
}

/** Asks why; the card does not change before the form is submitted. */
export function rejectForm({ kind }, handlers) {
  const isPolicy = kind === "policy";
  const choices = isPolicy
    ? POLICY_REASONS.map((reason) => [reason, reason])
    : Object.entries(KINDS);
  const reasons = element(
    "select",
    { required: true },
    element("option", { value: "", textContent: "Choose a reason" }),
    ...choices.map(([value, textContent]) => element("option", { value, textContent })),
  );
  const words = element("input", { maxLength: 900 });
  // Only the kind `reason` needs a text; a text typed with another kind is kept as well.
  if (!isPolicy)
    reasons.addEventListener("change", () => (words.required = reasons.value === "reason"));
  return form(
    [
      field(isPolicy ? "reason" : "kind", "Why?", reasons),
      field("note", isPolicy ? "In your words (optional)" : "In your words", words),
    ],
    {
      label: "Reject",
      ...handlers,
    },
  );
}

/** Asks what to do differently; the new draft appears on the card. */
export function redoForm(handlers) {
  const hint = element("textarea", { required: true, maxLength: 500, rows: 3, dir: "auto" });
  hint.placeholder = "Shorter, and mention the return label";
  return form([field("text", "What should be different?", hint)], { label: "Redo", ...handlers });
}

/** Asks what the teammate would have written instead of a shadow draft; may stay empty. */
export function opinionForm(handlers) {
  const answer = element("textarea", { maxLength: 3000, rows: 5, dir: "auto" });
  return form([field("text", "What would you have written? (optional, never sent)", answer)], {
    label: "Save",
    ...handlers,
  });
}
