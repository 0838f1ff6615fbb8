/** Shows the current state of a chat in its window, its messages as an accessible list. */

import { element, visible } from "#server/pages/element.js";
import { linkedNodes, picture } from "./view.js";

const CLOCK = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2";

/** Draws a chat; called after each change, and cheap when nothing changed. */
export function createRenderer(view, { texts, lang, again, seen }) {
  const { talk: parts, compose, rating, panel } = view;
  const showLines = lineList(parts.list, { texts, lang, again });
  const shown = { strip: "", stage: "", unread: 0, failed: "" };

  function showStrip(talk) {
    const key = [talk.stage, talk.status, talk.words, talk.taken, isSlow(talk.lines)].join("|");
    if (key === shown.strip) return;
    shown.strip = key;
    parts.strip.replaceChildren(...stripContent(talk, texts));
    parts.strip.hidden = parts.strip.childNodes.length === 0;
    parts.strip.classList.toggle("busy", parts.strip.querySelector(".dots") !== null);
  }

  function showStage({ stage, lines, status }) {
    // From then on a person answers.
    view.about.hidden = status === "escalated";
    const hasAnswer = lines.some(({ from }) => from === "us");
    view.end.hidden = stage !== "talk" || !hasAnswer || status === "working";
    if (stage === shown.stage) return;
    const before = shown.stage;
    shown.stage = stage;
    compose.form.hidden = stage !== "talk";
    rating.form.hidden = stage !== "rating";
    view.over.hidden = !["rated", "skipped"].includes(stage);
    view.thanks.textContent = [stage === "rated" ? texts.thanks : "", texts.ended].join(" ").trim();
    if (before === "" || !panel.open) return;
    // The focused element is gone; focus moves to the next step.
    if (stage === "talk") compose.field.focus();
    else (stage === "rating" ? rating.title : view.thanks).focus();
  }

  function showBadge(talk) {
    const count = talk.lines.filter(({ from }) => from === "us").length;
    const isRead = panel.open && !document.hidden;
    const unread = isRead ? 0 : Math.max(0, count - talk.seen);
    const label = unread === 0 ? "" : texts.unread.replace("{count}", unread);
    view.badge.hidden = unread === 0;
    view.badge.textContent = unread > 9 ? "9+" : unread;
    view.launcher.setAttribute("aria-label", [texts.launcher, label].filter(Boolean).join(", "));
    view.launcher.setAttribute("aria-expanded", String(panel.open));
    if (unread === 0) view.news.textContent = "";
    else if (unread > shown.unread && !panel.open)
      view.news.textContent = `${texts.newMessage}, ${label}`;
    shown.unread = unread;
    if (isRead) seen(count);
  }

  /** Announced once, since a screen reader does not announce a change under an existing line. */
  function showFailure({ lines }) {
    const failed = lines.findLast(({ state }) => state === "failed");
    const key = failed === undefined ? "" : [failed.id, failed.why, failed.tries].join(" ");
    if (key === shown.failed) return;
    shown.failed = key;
    view.alarm.textContent = failed === undefined ? "" : failureText(failed, texts);
  }

  return (talk) => {
    const { log } = parts;
    const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    const before = log.scrollHeight;
    showLines(talk.lines);
    showStrip(talk);
    showStage(talk);
    showFailure(talk);
    showBadge(talk);
    const isMine = talk.lines.at(-1)?.state === "sending";
    if (log.scrollHeight !== before && (wasAtEnd || isMine)) log.scrollTop = log.scrollHeight;
  };
}

/** That a message was not sent, and why. */
function failureText({ why, detail = "", seconds }, texts) {
  return `${texts.notSent} ${(texts[why] ?? detail).replace("{seconds}", seconds)}`;
}

/** The status text of the chat, the shop's or the server's; nothing when there is nothing to wait for. */
function stripContent({ status, words, stage, lines, taken }, texts) {
  if (stage !== "talk") return [];
  if (status === "working" || isSlow(lines))
    return [dots(), texts[status === "working" ? "working" : "waiting"]];
  const told = ["pending", "escalated", "failed"].includes(status) ? status : "";
  if (told === "escalated" && taken) return strip(texts.taken, texts.escalatedMore);
  const more = words || texts[`${told}More`] || "";
  return told === "" && more === "" ? [] : strip(texts[told], more);
}

function strip(title, more) {
  const head = title === undefined ? [] : [element("b", { dir: "auto" }, title)];
  return [
    picture(CLOCK),
    element("div", {}, ...head, element("p", { dir: "auto" }, visible(more))),
  ];
}

/** True while a message takes longer than most. */
function isSlow(lines) {
  return lines.some(({ state, isRead, isSlow: slow }) => state === "sending" && !isRead && slow);
}

function dots() {
  const row = element("span", { className: "dots", "aria-hidden": "true" });
  row.append(element("i"), element("i"), element("i"));
  return row;
}

/** Shows lines in a list and keeps existing elements, so that a screen reader announces only new ones. */
function lineList(list, { texts, lang, again }) {
  const shown = new Map();

  function row(line) {
    const isMine = line.from === "me";
    const words = element("p", { className: "words", dir: "auto" });
    words.append(...(isMine ? [line.text] : linkedNodes(line.text, texts.newTab)));
    const label = element("span", { className: "unseen" }, `${isMine ? texts.you : texts.us}: `);
    const below = element("div", { className: "below" });
    const item = element("li", { className: isMine ? "me" : "us" }, label, words, below);
    return { item, below, told: "" };
  }

  function tellState(made, line, isLast) {
    const told = [line.state, line.isRead, line.why, line.seconds, isLast].join(" ");
    if (told === made.told) return;
    made.told = told;
    made.item.classList.toggle("failed", line.state === "failed");
    made.below.replaceChildren(...lineState(line, isLast));
  }

  function lineState(line, isLast) {
    if (line.from === "us") return timeNodes(line.at, lang);
    if (line.state === "sending" && !line.isRead) return [texts.sending];
    // An answered line was sent.
    if (line.state !== "failed") return isLast ? [texts.sent] : [];
    return [
      element("span", {}, `${failureText(line, texts)} `),
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
    for (const [place, line] of lines.entries()) {
      if (!shown.has(line.id)) shown.set(line.id, row(line));
      const made = shown.get(line.id);
      tellState(made, line, line === lines.at(-1));
      const there = list.children[place];
      if (there !== made.item) list.insertBefore(made.item, there ?? null);
    }
  };
}

/** The time of a message, with the day if that is not today. */
function timeNodes(at, lang) {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return [];
  const isToday = time.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  const words = time.toLocaleString(lang, { ...day, hour: "numeric", minute: "2-digit" });
  return [element("time", { dateTime: at }, words)];
}
