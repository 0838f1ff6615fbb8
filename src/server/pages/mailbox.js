/** Shows a sample customer's mailbox on the start page. */

import { at, element, visible } from "./dom.js";

/** The chosen customer's mails as they lie in the mailbox, answers marked. */
export function showMailbox(threads, { name, zone }) {
  const shown = threads.map((thread) =>
    element(
      "article",
      { className: "thread" },
      element("h3", { textContent: visible(thread.subject) || "(no subject)" }),
      ...thread.mails.map((mail) => mailView(mail, { name, zone })),
    ),
  );
  at("mailbox").replaceChildren(
    ...(shown.length > 0
      ? shown
      : [element("p", { className: "soft", textContent: `Nothing in ${name}'s mailbox yet.` })]),
  );
}

function mailView(mail, { name, zone }) {
  const received = mail.direction === "received";
  return element(
    "div",
    { className: received ? "mail received" : "mail" },
    element("div", {
      className: "soft",
      textContent: `${received ? visible(mail.from) : `${name} wrote`} · ${mail.when} ${zone}`,
    }),
    element("div", { className: "words", textContent: visible(mail.text.trimEnd()) }),
  );
}
