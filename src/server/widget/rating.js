/** The rating form at the end of a chat. */

import { element } from "./text-safety.js";

/** The end of a chat: two buttons and a comment, then a button for a new chat. */
export function ratingForm(texts, { rate, back, done }) {
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
