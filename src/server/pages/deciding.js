/** The buttons and forms of cards: asks before something final, checks before a form opens, sends decisions. */

import { prepareAnswer, putIn, sendReply } from "./answering.js";
import { ask, at, tell, way } from "./dom.js";
import { element } from "./element.js";
import { keep, letGo, refresh } from "./live.js";

/** When cards and boxes to tick were put on the page, those it came with when this began. */
const shownAt = new WeakMap();
const began = performance.now();
new MutationObserver((changes) => {
  for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
    if (node instanceof Element)
      for (const one of [node, ...node.querySelectorAll("[data-card], .tick")])
        shownAt.set(one, performance.now());
}).observe(document, { childList: true, subtree: true });

/** No teammate has read what stands there for less. */
const READ_MS = 500;

/** Buttons that open a form and decide nothing yet: its fields, what its button says, and what is sent of what was typed. */
const FORMS = {
  edit: { fields: editFields, label: "Save", details: edited },
  reject: { fields: rejectFields, label: "Reject", details: rejected },
  redo: { fields: redoFields, label: "Redo", details: ({ text }) => ({ hint: text.trim() }) },
  thumbs_down: {
    fields: opinionFields,
    label: "Save",
    details: ({ text }) => ({ ownAnswer: text.trim() }),
  },
};

/** True for a key on what came under it only now, which is told; a mouse is aimed. */
export function isUnread({ detail }, shown) {
  const isFresh = (one) => performance.now() - (shownAt.get(one) ?? began) < READ_MS;
  if (detail > 0 || !shown.some(isFresh)) return false;
  say("This has only just appeared. Look at it, and press again.");
  return true;
}

/** Connects every card of the page, those that are drawn later too. */
export function prepareCards() {
  // A key that is held down presses once: what comes under it next was not meant.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat && event.key === "Enter" && event.target.closest("button, select") !== null)
        event.preventDefault();
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-press]");
    const card = button?.closest("[data-card]");
    const name = button?.dataset.press;
    // Texts stand in notes, too.
    if (name === "reuse") putIn(button.dataset.text);
    else if (
      card !== null &&
      card !== undefined &&
      (name in FORMS || name === "why" || !isUnread(event, [card]))
    )
      void press(name, card);
    for (const menu of document.querySelectorAll("details.more[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  prepareAnswer(decide);
}

async function press(name, card) {
  for (const menu of card.querySelectorAll("details.more")) menu.open = false;
  if (name === "why") return why(card.dataset.card, card.dataset.trace);
  if (name === "reply") return sendReply(card, { askFor, setBusy, say, wordsFor, offerUndo });
  if (name in FORMS) return open(card, name);
  if (name === "approve" && card.dataset.confirm !== "" && !(await confirmed(card))) return;
  await decide(card, name);
}

/** Cards whose form is being asked for: a second form would replace what is being typed. */
const opening = new Set();

/** A teammate who may not decide, or is too late, learns that before typing. */
async function open(card, button) {
  if (opening.has(card.id)) return;
  opening.add(card.id);
  const { card: id, version, kind } = card.dataset;
  const path = button === "edit" ? `form/${id}/${version}` : `check/${id}/${version}/${button}`;
  const answer = await ask(`${way.place}/${path}`);
  opening.delete(card.id);
  if (!answer.ok || answer.body.accepted === false) return say(wordsFor(answer));
  const { fields, label, details } = FORMS[button];
  const clickId = crypto.randomUUID();
  // The version that was looked at: a card that changes meanwhile refuses what was typed for the older one.
  const seen = { ...card.dataset };
  const submit = async (typed) => {
    const sent = await askFor(seen, button, { clickId, ...details(typed) });
    const { accepted, fieldErrors } = sent.body;
    if (sent.ok && accepted) {
      closeForm(card);
      say(wordsFor(sent));
      return null;
    }
    const hasFields = fieldErrors && Object.keys(fieldErrors).length > 0;
    return hasFields ? fieldErrors : { message: wordsFor(sent) };
  };
  const cancel = () => closeForm(card);
  openForm(card, form(fields({ kind, ...answer.body }), { label, submit, cancel }));
}

function edited({ text, amount }) {
  // A browser's text field uses line feeds only, and so does every text that was mailed.
  return { edit: { text, amount: amount ?? null } };
}

/** A policy change is rejected with a text; other cards with a kind, which says what happens next. */
function rejected({ kind, reason, note }) {
  const words = note.trim();
  if (kind !== undefined) return { rejection: kind, reason: words };
  return { reason: words === "" ? reason : `${reason}: ${words}` };
}

/** A refresh may have replaced the pressed card while the server was asked: the form belongs to the one now shown. */
function openForm(pressed, form) {
  const card = at(pressed.id) ?? pressed;
  card.querySelector("form")?.remove();
  keep(card, () => warn(card));
  card.append(form);
  // What stands on the card is not what is being typed: nothing is decided about it until the form is closed.
  setBusy(card, true);
  if (card.dataset.version !== pressed.dataset.version) warn(card);
  form.querySelector("textarea, select, input").focus();
}

function warn(card) {
  card.querySelector("form")?.prepend(
    element("p", {
      className: "notice warn",
      role: "alert",
      textContent:
        "This card was changed meanwhile. Your text stays here: copy what you need, then press Cancel to see the newest version.",
    }),
  );
}

/** The next refresh redraws the card, which may have changed while the form was open. */
function closeForm(pressed) {
  const card = at(pressed.id) ?? pressed;
  card.querySelector("form")?.remove();
  setBusy(card, false);
  letGo(card);
  card.focus();
  void refresh();
}

/** Sends what was pressed on a card as it was looked at, and tells the page what was decided. */
async function askFor({ card: approvalId, version, seen }, button, details) {
  const shown = seen === undefined ? {} : { seen: Number(seen) };
  const sent = { approvalId, version: Number(version), button, ...shown, ...details };
  const answer = await ask(`${way.place}/decide`, sent);
  const isInPane = at("pane")?.querySelector(`[data-card="${CSS.escape(approvalId)}"]`) !== null;
  const detail = { button, card: approvalId, isInPane };
  // Outcome is said before the page goes on.
  if (answer.ok && answer.body.accepted)
    setTimeout(() => document.dispatchEvent(new CustomEvent("decided", { detail })));
  return answer;
}

async function decide(card, button, details = {}) {
  setBusy(card, true);
  const answer = await askFor(card.dataset, button, { clickId: crypto.randomUUID(), ...details });
  setBusy(card, false);
  say(wordsFor(answer, button));
  if (answer.ok) offerUndo([{ ...card.dataset }], answer.body.undoMs);
  await refresh();
}

/** What was taken over or answered may be gone from the list, so the way back stands beside what was said, while there is one. */
export function offerUndo(cards, ms, { place = at("said"), ...properties } = {}) {
  if (cards.length === 0 || !(ms > 0)) return;
  const undo = element("button", { type: "button", textContent: "Undo", ...properties });
  undo.addEventListener("click", async () => {
    undo.remove();
    const takeBack = (card) => askFor(card, "undo", { clickId: crypto.randomUUID() });
    const answers = await Promise.all(cards.map(takeBack));
    const back = answers.filter(({ ok, body }) => ok && body.accepted).length;
    const [first, ...others] = answers;
    say(others.length > 0 ? `${back} of ${cards.length} taken back.` : wordsFor(first, "undo"));
    await refresh();
  });
  place.append(" ", undo);
  setTimeout(() => undo.remove(), ms);
}

/** The desk sends no text where the card itself shows the result; the console then confirms the click. */
function wordsFor({ ok, body }, button) {
  if (ok && body.accepted) return body.message || (button === "undo" ? "Taken back." : "Recorded.");
  return body.message || "Deskhand does not answer. Look again before you repeat it.";
}

function setBusy(card, busy) {
  for (const button of card.querySelectorAll("[data-press]")) button.disabled = busy;
}

/** Asks before something final; the element says what about, and what the button is called. */
export function confirmed(card) {
  const dialog = at("confirm");
  at("confirm-text").textContent = card.dataset.confirm;
  at("confirm-yes").textContent = card.dataset.approve;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function why(id, traceId) {
  const answer = await ask(`${way.place}/explain/${encodeURIComponent(id)}`);
  at("why-text").textContent = answer.body.text ?? wordsFor(answer);
  at("why-link").href = `/console/trace/${encodeURIComponent(traceId)}`;
  if (!at("why").open) at("why").showModal();
}

/** Says what became of a click, where a screen reader hears it too. */
export function say(words) {
  tell(at("said"), words);
  at("said").scrollIntoView({ block: "nearest" });
}

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

function field(name, label, tag, properties, ...children) {
  const id = crypto.randomUUID();
  const error = element("p", { className: "error", id: `${id}-error` });
  const input = element(tag, { id, "aria-describedby": error.id, ...properties }, ...children);
  const title = element("label", { htmlFor: id, textContent: label });
  return { name, input, error, view: element("div", { className: "field" }, title, input, error) };
}

/** The whole text as it will be sent, and the amount when money moves. */
function editFields({ text, amount, currency, order }) {
  const rows = Math.min(24, Math.max(8, text.split("\n").length + 2));
  const whole = { defaultValue: text, required: true, dir: "auto", rows };
  const reply = field("text", "Reply, as it will be sent", "textarea", whole);
  if (amount === null) return [reply];
  const which = `Amount in ${currency ?? "its currency"}${order ? `, order ${String(order)}` : ""}`;
  const sum = { defaultValue: amount, required: true, inputMode: "decimal", maxLength: 40 };
  return [reply, field("amount", which, "input", sum)];
}

/** Asks why; the card does not change before the form is submitted. */
function rejectFields({ kind }) {
  const isPolicy = kind === "policy";
  const choices = isPolicy
    ? POLICY_REASONS.map((reason) => [reason, reason])
    : Object.entries(KINDS);
  const options = [["", "Choose a reason"], ...choices].map(([value, textContent]) =>
    element("option", { value, textContent }),
  );
  const name = isPolicy ? "reason" : "kind";
  const why = field(name, "Why?", "select", { required: true }, ...options);
  const label = isPolicy ? "In your words (optional)" : "In your words";
  const words = field("note", label, "input", { maxLength: 900 });
  // Only the kind `reason` needs a text; a text typed with another kind is kept as well.
  why.input.addEventListener("change", ({ target }) => {
    words.input.required = !isPolicy && target.value === "reason";
  });
  return [why, words];
}

/** Asks what to do differently; the new draft appears on the card. */
function redoFields() {
  const placeholder = "Shorter, and mention the return label";
  const hint = { required: true, maxLength: 500, rows: 3, dir: "auto", placeholder };
  return [field("text", "What should be different?", "textarea", hint)];
}

/** Asks what the teammate would have written instead of a shadow draft; may stay empty. */
function opinionFields() {
  const label = "What would you have written? (optional, never sent)";
  return [field("text", label, "textarea", { maxLength: 3000, rows: 5, dir: "auto" })];
}
