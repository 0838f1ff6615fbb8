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
    if (target.id === "reply-text") warnOfReply([]);
  });
}

/** A choice is sent once it is made; nothing is chosen any more then. */
async function choose(select, decide) {
  const { choose: button, field } = select.dataset;
  const { value } = select;
  select.value = "";
  if (value !== "") await decide(select.closest("[data-card]"), button, { [field]: value });
}

/** Puts a text where the teammate writes, below what is there already. */
export function putIn(text) {
  const field = at("reply-text");
  if (field === null || text === "") return;
  at("reply").open = true;
  field.value = [field.value, text].filter((part) => part.trim() !== "").join("\n\n");
  warnOfReply([]);
  field.focus();
}

/**
 * What the checks find stands beside the text; pressed once more, it is sent all the same. What else is refused stands
 * there too: what the customer wrote since counts as read from then on.
 */
export async function sendReply(box, { askFor, setBusy, say, wordsFor }) {
  const field = at("reply-text");
  box.dataset.click ||= crypto.randomUUID();
  const details = {
    clickId: box.dataset.click,
    edit: { text: field.value, amount: null },
    despite: box.dataset.despite === "yes",
  };
  setBusy(box, true);
  const answer = await askFor(box.dataset, "reply", details);
  setBusy(box, false);
  const { accepted, warnings = [], seen } = answer.body;
  if (!answer.ok || !accepted) {
    box.dataset.seen = seen ?? box.dataset.seen;
    return warnOfReply(warnings.length > 0 ? warnings : [wordsFor(answer)], warnings.length > 0);
  }
  warnOfReply([]);
  field.value = "";
  box.dataset.click = "";
  say(wordsFor(answer));
  await refresh();
}

function warnOfReply(lines, isDespite = false) {
  const place = at("reply-warnings");
  place.replaceChildren(
    ...lines.map((textContent) => element("p", { className: "words", textContent })),
  );
  place.hidden = lines.length === 0;
  at("reply").dataset.despite = isDespite ? "yes" : "";
  at("reply").querySelector("[data-press=reply]").textContent = isDespite
    ? "Send all the same"
    : "Send";
}
