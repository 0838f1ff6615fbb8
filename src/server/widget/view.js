/** Builds the elements of the chat window, with the rating form at its end. */

import { element, picture } from "./text-safety.js";

const BUBBLE = "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z";
const DOWN = "M5 9l7 7 7-7";
const CROSS = "M6 6l12 12M18 6L6 18";
const ARROW = "M4 12h15M13 6l6 6-6 6";

/** Everything the widget consists of, by name. What is said and shown in it is decided elsewhere. */
export function widgetView(texts, onRating) {
  const panel = chatPanel(texts, onRating);
  const badge = element("span", { className: "badge", hidden: true });
  const launcher = element(
    "button",
    { type: "button", className: "launcher", "aria-expanded": "false", "aria-haspopup": "dialog" },
    picture(BUBBLE),
    picture(DOWN),
    badge,
  );
  // Outside the window, so that it is heard while that is closed.
  const news = element("p", { className: "unseen", role: "status" });
  return { ...panel, badge, launcher, news };
}

function chatPanel(texts, onRating) {
  const title = element("h2", { id: "title", tabIndex: -1, dir: "auto" }, texts.title);
  const about = element("p", { className: "about", dir: "auto" }, texts.automatic);
  const end = element("button", { type: "button", className: "link", hidden: true }, texts.end);
  const close = iconButton(texts.close, CROSS);
  const talk = talkPart(texts);
  const compose = composePart(texts);
  const rating = ratingForm(texts, onRating);
  const thanks = element("p", { tabIndex: -1 });
  const again = element("button", { type: "button", className: "main" }, texts.again);
  const over = element("div", { className: "over" }, thanks, again);
  const alarm = element("p", { className: "unseen", role: "alert" });
  const panel = element(
    "dialog",
    { className: "panel", "aria-labelledby": "title" },
    element("div", { className: "head" }, element("div", {}, title, about), end, close),
    talk.log,
    compose.form,
    rating.form,
    over,
    alarm,
  );
  return { panel, title, about, end, close, talk, compose, rating, over, thanks, again, alarm };
}

function talkPart(texts) {
  const list = element("ol", { "aria-live": "polite", "aria-relevant": "additions" });
  const strip = element("div", { className: "strip", role: "status" });
  const log = element(
    "div",
    { className: "log", tabIndex: 0, role: "region", "aria-label": texts.log },
    element("p", { className: "greeting", dir: "auto" }, texts.greeting),
    list,
    strip,
  );
  return { log, list, strip };
}

function composePart(texts) {
  const field = element("textarea", {
    rows: 1,
    maxLength: 20_000,
    dir: "auto",
    placeholder: texts.field,
    "aria-label": texts.field,
  });
  const send = iconButton(texts.send, ARROW, "submit");
  return { form: element("form", { className: "compose" }, field, send), field, send };
}

function iconButton(label, path, type = "button") {
  return element("button", { type, className: "icon", "aria-label": label }, picture(path));
}

/** The end of a chat: two buttons and a comment, then a button for a new chat. */
function ratingForm(texts, { rate, back, done }) {
  const chosen = { score: "" };
  const buttons = ["good", "bad"].map((score) =>
    element(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => choose(score) },
      texts[score],
    ),
  );
  const comment = element("textarea", { maxLength: 2_000, rows: 2, dir: "auto" });
  const problem = element("p", { className: "problem", role: "alert" });
  const send = element("button", { className: "main", disabled: true }, texts.rate);
  const title = element("h3", { tabIndex: -1 }, texts.rateTitle);
  const plain = (label, onclick) =>
    element("button", { type: "button", className: "link", onclick }, label);
  const form = element(
    "form",
    { className: "rating" },
    title,
    element("div", { className: "row", role: "group", "aria-label": texts.rateTitle }, ...buttons),
    element("label", {}, texts.comment, comment),
    problem,
    element(
      "div",
      { className: "row" },
      send,
      plain(texts.skip, () => leave(false)),
      plain(texts.back, back),
    ),
  );

  function choose(score) {
    chosen.score = score;
    send.disabled = false;
    for (const [place, button] of buttons.entries())
      button.setAttribute("aria-pressed", String(["good", "bad"][place] === score));
  }

  function leave(wasRated) {
    chosen.score = "";
    send.disabled = true;
    comment.value = "";
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    done(wasRated);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    send.disabled = true;
    if (await rate(chosen.score, comment.value.trim())) leave(true);
    else {
      problem.textContent = texts.notRated;
      send.disabled = false;
    }
  });
  return { form, title };
}
