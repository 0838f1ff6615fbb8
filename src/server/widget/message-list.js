/** Shows the chat's messages as an accessible list. */

import { element, nodesOf } from "./text-safety.js";

/** Shows lines in a list and keeps existing elements, so that a screen reader announces only new ones. */
export function lineList(list, { texts, lang, again }) {
  const shown = new Map();

  function row(line) {
    const isMine = line.from === "me";
    const words = element("p", { className: "words", dir: "auto" });
    words.append(...(isMine ? [line.text] : nodesOf(line.text, texts.newTab)));
    const label = element("span", { className: "unseen" }, `${isMine ? texts.you : texts.us}: `);
    const below = element("div", { className: "below" });
    const item = element("li", { className: isMine ? "me" : "us" }, label, words, below);
    return { item, below, told: "" };
  }

  function tellState(made, line, isLast) {
    const told = [line.state, line.why, line.seconds, isLast].join(" ");
    if (told === made.told) return;
    made.told = told;
    made.item.classList.toggle("failed", line.state === "failed");
    made.below.replaceChildren(...stateOf(line, isLast));
  }

  function stateOf(line, isLast) {
    if (line.from === "us") return timeOf(line.at, lang);
    if (line.state === "sending") return [texts.sending];
    // An answered line was sent.
    if (line.state === "sent") return isLast ? [texts.sent] : [];
    const reason = texts[line.why] ?? line.detail ?? "";
    return [
      element("span", {}, `${texts.notSent} ${reason.replace("{seconds}", line.seconds)} `),
      element(
        "button",
        { type: "button", className: "link", onclick: () => again(line) },
        texts.retry,
      ),
    ];
  }

  return (lines) => {
    const ids = new Set(lines.map(({ id }) => id));
    for (const [id, { item }] of shown)
      if (!ids.has(id)) {
        item.remove();
        shown.delete(id);
      }
    for (const line of lines) {
      const isNew = !shown.has(line.id);
      if (isNew) shown.set(line.id, row(line));
      const made = shown.get(line.id);
      tellState(made, line, line === lines.at(-1));
      if (isNew) list.append(made.item);
    }
  };
}

/** The time of a message, with the day if that is not today. */
function timeOf(at, lang) {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return [];
  const isToday = time.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  const words = time.toLocaleString(lang, { ...day, hour: "numeric", minute: "2-digit" });
  return [element("time", { dateTime: at }, words)];
}
