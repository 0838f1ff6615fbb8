import { element } from "./dom.js";

/** What can be chosen when a card is rejected; the words are the beginning of the recorded reason. */
const REASONS = ["I answer", "No answer needed", "Wrong"];
/** The same for a change of the policy file, which nobody waits to be answered about. */
const POLICY_REASONS = ["I do not agree", "It has a mistake", "Not now"];

/**
 * A form inside a card. `submit` gets what was typed and gives back field errors, or null when the form is done with;
 * until then everything typed stays.
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
export function editForm({ text, amount, currency }, handlers) {
  const reply = element("textarea", { value: text, required: true, dir: "auto" });
  reply.rows = Math.min(24, Math.max(8, text.split("\n").length + 2));
  const fields = [field("text", "Reply, as it will be sent", reply)];
  if (amount !== null)
    fields.push(
      field(
        "amount",
        `Amount in ${currency ?? "its currency"}`,
        element("input", { value: amount, required: true, inputMode: "decimal", maxLength: 40 }),
      ),
    );
  return form(fields, { label: "Save", ...handlers });
}

/** Asks why; the card stays as it is until this is submitted. */
export function rejectForm({ kind }, handlers) {
  const reasons = element(
    "select",
    { required: true },
    element("option", { value: "", textContent: "Choose a reason" }),
    ...(kind === "policy" ? POLICY_REASONS : REASONS).map((reason) =>
      element("option", { value: reason, textContent: reason }),
    ),
  );
  const words = element("input", { maxLength: 900 });
  return form(
    [field("reason", "Why?", reasons), field("note", "In your words (optional)", words)],
    {
      label: "Reject",
      ...handlers,
    },
  );
}
