/** A case beside its cards: choices that are sent once they are made, and the reply of a teammate's own. */

import { at } from "./dom.js";
import { element } from "./element.js";
import { refresh } from "./live.js";

/** Connects the choices and the reply of the page; `decide` sends what is pressed on a case. */
export function prepareAnswer(decide) {
  // Arrows change a closed choice step by step: it is made by Enter, and otherwise by choosing from what it opens.
  const typed = { in: null };
  document.addEventListener("keydown", (event) => {
    const { target, key, repeat } = event;
    if (target.dataset.choose === undefined) return;
    typed.in = target;
    setTimeout(() => (typed.in = null));
    if (key !== "Enter" || target.value === "" || repeat) return;
    event.preventDefault();
    void choose(target, decide);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.dataset.choose !== undefined && target !== typed.in) void choose(target, decide);
    if (target.name === "saved") putIn(target.value);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.id === "reply-text") warnOfReply(at("reply"), []);
  });
  // A link to another page, or closing this one.
  addEventListener("beforeunload", (event) => {
    if (hasUnsent()) event.preventDefault();
  });
}

/** True while something was typed about a case that was not sent. */
export function hasUnsent() {
  const texts = [...document.querySelectorAll("[data-card] :is(textarea, input), #note-text")];
  return texts.some(({ value, defaultValue }) => value !== defaultValue);
}

/** A choice is sent once it is made; nothing is chosen any more then. */
async function choose(select, decide) {
  const { choose: button, field } = select.dataset;
  const { value } = select;
  select.value = "";
  if (value !== "") await decide(select.closest("[data-card]"), button, { [field]: value });
}

/** Puts a text where the teammate writes, below what is there already; the page itself knows of another place. */
export function putIn(text) {
  const field = at("reply-text");
  if (text === "") return;
  if (field === null) {
    document.dispatchEvent(new CustomEvent("put-in", { detail: text }));
    return;
  }
  at("reply").open = true;
  field.value = [field.value, text].filter((part) => part.trim() !== "").join("\n\n");
  warnOfReply(at("reply"), []);
  field.focus();
}

/**
 * What the checks find stands beside the text; pressed once more, it is sent all the same. What else is refused stands
 * there too: what the customer wrote since, and a card that ends with it, count as read from then on.
 */
export async function sendReply(box, { askFor, setBusy, say, wordsFor, offerUndo }) {
  const field = box.querySelector("textarea");
  const { dataset } = box;
  dataset.click ||= crypto.randomUUID();
  const shown = [...document.querySelectorAll("#cards article[data-card]")];
  const cards = shown.map((card) => `${card.dataset.card}@${card.dataset.version}`);
  setBusy(box, true);
  const answer = await askFor(dataset, "reply", {
    clickId: dataset.click,
    edit: { text: field.value, amount: null },
    despite: dataset.despite === "yes",
    cards: [...cards, ...JSON.parse(dataset.cards || "[]")],
    goesTo: dataset.goesTo,
  });
  setBusy(box, false);
  const { accepted = false, card, undoMs = 0 } = answer.body;
  if (accepted || !box.isConnected) say(wordsFor(answer));
  if (accepted) offerUndo([{ card, version: 1 }], undoMs);
  // Another case may be open by now, with a reply of its own.
  if (!box.isConnected) return;
  // What the server refused is no press that it knows; the same text sent again after a lost answer is the same press.
  if (answer.ok) dataset.click = "";
  if (!accepted) return tellRefusal(box, answer.body, wordsFor(answer));
  warnOfReply(box, []);
  field.value = "";
  await refresh();
}

function tellRefusal(box, { warnings = [], seen, cards, goesTo }, why) {
  const { dataset } = box;
  // What one refusal told counts as read for the next one, too.
  dataset.seen = seen ?? dataset.seen;
  if (cards !== undefined) dataset.cards = JSON.stringify(cards);
  dataset.goesTo = goesTo ?? dataset.goesTo;
  warnOfReply(box, warnings.length > 0 ? warnings : [why], warnings.length > 0);
}

function warnOfReply(box, lines, isDespite = false) {
  const place = box.querySelector("#reply-warnings");
  place.replaceChildren(
    ...lines.map((textContent) => element("p", { className: "words", textContent })),
  );
  place.hidden = lines.length === 0;
  box.dataset.despite = isDespite ? "yes" : "";
  box.querySelector("[data-press=reply]").textContent = isDespite ? "Send all the same" : "Send";
}
