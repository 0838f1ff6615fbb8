/** The start page's script: sends sample mails and shows how they stand. */

import { ask, at, repeat, tell } from "/assets/dom.js";
import { element, visible } from "/assets/element.js";

const REFRESH_MS = 1500;
/** After its page has loaded, Slack's messages come and are scrolled to within this time. */
const OPENING_MS = 3000;
const wide = matchMedia("(min-width: 901px)");

let chosen = "ann";
let shown = "";
let state = null;

async function refresh() {
  const answer = await ask("/start/state");
  if (answer.ok && answer.text === shown) return;
  shown = answer.text;
  if (!answer.ok || !answer.body.ready) {
    tell(at("loading"), answer.ok ? "Starting up …" : "Deskhand does not answer; trying again.");
    return;
  }
  tell(at("loading"), "");
  showConnections(answer.body.connections);
  if (answer.body.sandbox === null) {
    tell(
      at("loading"),
      "Deskhand is running with your accounts. Decisions are made in Slack and on the console.",
    );
    return;
  }
  const first = state === null;
  state = answer.body.sandbox;
  if (first) setUp();
  tell(
    at("loading"),
    state.paused === ""
      ? ""
      : `${state.paused}. It goes out when a lead resumes it on the console.`,
  );
  showGuide();
  showMails();
  showProgress();
}

function setUp() {
  for (const id of ["guide", "panes", "happened"]) at(id).hidden = false;
  at("tries").replaceChildren(...state.tries.map(tryButton));
  at("own").replaceChildren(
    ...(state.links.mail === null
      ? []
      : state.customers.map(({ who, name }) =>
          link(`${state.links.mail}/?as=${who}`, `mail as ${name}`),
        )),
    ...(state.links.zendesk === null
      ? []
      : [link(`${state.links.zendesk}/hc/requests`, "a ticket in the sandbox Zendesk")]),
    link("/chat", "the chat widget"),
  );
  at("mailboxes").replaceChildren(
    ...state.customers.map(({ who, name }) => button(name, () => choose(who), { value: who })),
  );
  setUpDesk();
  choose(chosen);
}

/** Slack where there is one and room for it, otherwise the console, which is then the desk. */
function setUpDesk() {
  const { slack } = state.links;
  const address = slack ?? "/console";
  at("desk-link").href = address;
  at("teammates").replaceChildren(
    ...state.teammates.map(({ who, name }) =>
      button(`Open the console as ${name}`, () => enter(who)),
    ),
  );
  const place = () => {
    at("desk-frame").hidden = !wide.matches;
    at("desk-title").textContent = usesSlack() ? "The team's Slack" : "The team's console";
    showGuide();
    // Not scaled to fit: a shrunken frame is hard to read, and some tools then press beside its buttons.
    if (wide.matches && at("desk-frame").childElementCount === 0) {
      const title = slack === null ? "The console" : "The team's Slack";
      const frame = element("iframe", { src: address, title });
      holdPlaceUntilOpen(frame);
      at("desk-frame").append(frame);
    }
  };
  wide.addEventListener("change", place);
  place();
}

/** Slack's page scrolls to its newest message when it opens, and takes the page around it along, unless that is held. */
function holdPlaceUntilOpen(frame) {
  const [left, top] = [scrollX, scrollY];
  const back = () => scrollTo({ left, top, behavior: "instant" });
  const end = () => removeEventListener("scroll", back);
  addEventListener("scroll", back);
  frame.addEventListener("load", () => setTimeout(end, OPENING_MS));
  for (const move of ["wheel", "touchmove", "keydown", "pointerdown"])
    addEventListener(move, end, { once: true, passive: true });
}

/** On a phone Slack's page is too wide to be shown inside this one. */
function usesSlack() {
  return wide.matches && state.links.slack !== null;
}

/** The guide's second and third step, as they are here and under the policy in force. */
function showGuide() {
  const sam = element("b", { textContent: "Sam" });
  const who = usesSlack()
    ? ["In Slack, act as ", sam]
    : ["Under “The team's console”, open the console as ", sam];
  const [what, answer] = state.shadows
    ? [
        [" and read the draft on the card. The policy only shows it: there is nothing to approve."],
        "Nothing goes out, so Ann's mailbox stays as it is. With another policy a click sends it.",
      ]
    : [
        [" and press ", element("b", { textContent: "Approve" }), "."],
        "After the undo time of a few seconds, read the answer in Ann's mailbox.",
      ];
  at("guide-desk").replaceChildren(...who, ...what);
  at("guide-answer").textContent = answer;
}

/** Opens the window at once, since a browser allows that only right after a click. */
async function enter(who) {
  const opened = open("about:blank", "_blank");
  const answer = await ask(`/start/console/${encodeURIComponent(who)}`, {});
  const entered = answer.ok ? await ask("/console/enter", answer.body) : answer;
  if (!entered.ok) {
    opened?.close();
    tell(at("said"), entered.body.message);
  } else (opened ?? window).location.href = "/console";
}

function tryButton({ name, label, hint }) {
  const made = element(
    "button",
    { type: "button", className: "try" },
    element("b", { textContent: label }),
    element("span", { textContent: hint }),
  );
  made.addEventListener("click", async () => {
    made.disabled = true;
    tell(at("said"), "Sending …");
    const answer = await ask(`/start/try/${name}`, {});
    made.disabled = false;
    tell(at("said"), answer.ok ? "Sent as a real mail." : `Not sent. ${answer.body.message}`);
    if (!answer.ok) return;
    choose(answer.body.who);
    await refresh();
  });
  return made;
}

function choose(who) {
  chosen = who;
  for (const box of at("mailboxes").children)
    box.setAttribute("aria-pressed", String(box.value === who));
  at("mail-link").hidden = state.links.mail === null;
  at("mail-link").href = `${state.links.mail}/?as=${who}`;
  showMails();
}

function showMails() {
  const { name } = state.customers.find(({ who }) => who === chosen);
  showMailbox(
    state.threads.filter(({ who }) => who === chosen),
    { name, zone: state.zone },
  );
}

/** The chosen customer's mails as they lie in the mailbox, answers marked. */
function showMailbox(threads, { name, zone }) {
  const shown = threads.map((thread) =>
    element(
      "article",
      { className: "thread" },
      element("h3", { textContent: visible(thread.subject) || "(no subject)" }),
      ...thread.mails.map((mail) => mailView(mail, { name, zone })),
    ),
  );
  at("mailbox").replaceChildren(
    ...(shown.length > 0 ? shown : [paragraph("soft", `Nothing in ${name}'s mailbox yet.`)]),
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

/** A line for each mail a customer sent; the page of its case shows every step. */
function showProgress() {
  const asked = state.threads.filter(({ standing }) => standing !== null);
  at("nothing").hidden = asked.length > 0;
  at("progress").replaceChildren(
    ...asked.map(({ name, subject, standing: { words, caseId } }) => {
      const title = `${name}: ${visible(subject)}`;
      const about =
        caseId === null
          ? title
          : element("a", { href: `/console/case/${caseId}`, textContent: title });
      return element(
        "li",
        {},
        element("span", { className: "about" }, about),
        element("b", { textContent: words }),
      );
    }),
  );
}

function showConnections(connections) {
  at("connections").replaceChildren(
    ...connections.map(({ name, now, yours }) =>
      element(
        "div",
        { className: yours ? "yours" : "" },
        element("h3", { textContent: name }),
        paragraph("soft", now),
      ),
    ),
  );
}

function paragraph(className, content) {
  return element("p", { className }, content);
}

function button(textContent, onclick, more = {}) {
  return element("button", { type: "button", textContent, onclick, ...more });
}

function link(href, textContent) {
  return element("li", {}, element("a", { href, textContent, target: "_blank", rel: "noopener" }));
}

void repeat(refresh, REFRESH_MS);
