/** What the widget shows: text made safe, its own texts and style, and the elements of the window. */

import { element, visible } from "#server/pages/element.js";

// Text made safe: only hosts of the policy become links.

/** The policy's link hosts, put in by the server. Only these become links, in any author's text. */
const LINK_HOSTS = ["{{link hosts}}"];

/** Web addresses in plain letters only: one in look-alike letters of another alphabet stays text. */
const ADDRESS = /https?:\/\/[\x21-\x7e]+/g;
/** Punctuation that ends a sentence or a bracket rather than an address. */
const TAIL = /[.,;:!?'"*)\]}>]+$/;

/** An SVG of one path, built node by node, since pages may forbid markup from strings. */
export function picture(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(space, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/** A message as nodes: text, and links to listed hosts. */
export function linkedNodes(text, newTab) {
  const nodes = [];
  const rest = { from: 0 };
  const words = visible(text);
  for (const { 0: found, index } of words.matchAll(ADDRESS)) {
    const address = found.replace(TAIL, "");
    // A letter of another alphabet right after it belongs to the address as people read it.
    const after = words.slice(index + found.length, index + found.length + 1);
    if (!isPlain(address) || /[^\s\x21-\x7e]/.test(after)) continue;
    nodes.push(words.slice(rest.from, index), linkTo(address, newTab));
    rest.from = index + address.length;
  }
  nodes.push(words.slice(rest.from));
  return nodes;
}

/** An address of a listed host. A user name before the host makes an address look like another site's. */
function isPlain(address) {
  if (!URL.canParse(address)) return false;
  const { host, username, password } = new URL(address);
  return LINK_HOSTS.includes(host) && username === "" && password === "";
}

function linkTo(address, newTab) {
  return element(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer" },
    address,
    element("span", { className: "unseen" }, ` (${newTab})`),
  );
}

// Its own texts.

/** What the widget says by itself. A shop puts its own words over these with `window.deskhandTexts`. */
const ENGLISH = {
  title: "Support",
  automatic: "Answers are automatic. You can ask for a person.",
  launcher: "Chat with support",
  unread: "new messages: {count}",
  newMessage: "New message from support",
  close: "Close chat",
  end: "End chat",
  greeting: "Hello! How can we help? Ask about an order, a delivery or a return.",
  log: "Conversation",
  you: "You",
  us: "Support",
  field: "Your message",
  send: "Send",
  newTab: "opens in a new tab",
  sending: "Sending …",
  sent: "Sent",
  notSent: "Not sent.",
  retry: "Try again",
  offline: "You are offline. Your message goes out as soon as you are back.",
  serverAway: "Support cannot be reached right now. Your message is kept here.",
  signedOut: "You are no longer signed in. Sign in again first, or send it without.",
  gone: "Support no longer has this chat, so nobody will answer this message. It is kept here.",
  identityAway: "We could not check who you are. Your message is kept here.",
  tooMany:
    "That was a lot at once. Please wait {seconds} seconds; your message is sent by itself then.",
  waiting: "Waiting for the answer …",
  working: "Your message is being read …",
  pending: "Waiting for a person",
  pendingMore: "The answer appears here, also when you close this window and come back.",
  escalated: "Waiting for a person",
  taken: "A teammate answers you",
  escalatedMore: "The answer appears here, also when you close this window and come back.",
  failed: "That did not work here",
  failedMore: "A person has been told.",
  rateTitle: "How was this chat?",
  good: "Good",
  bad: "Not good",
  comment: "Anything you want to add? (optional)",
  rate: "Send rating",
  skip: "Skip",
  notRated: "Your rating could not be sent. Please try again.",
  back: "Back to the chat",
  thanks: "Thank you!",
  ended: "This chat has ended.",
  again: "Start a new chat",
};

/** The texts in use; what a shop gives is taken only where the widget has a text of that name. */
export function textsFrom(...given) {
  const texts = { ...ENGLISH };
  for (const [name, words] of given.flatMap((some) => Object.entries(some ?? {})))
    if (Object.hasOwn(ENGLISH, name) && typeof words === "string" && words !== "")
      texts[name] = words;
  return texts;
}

// Style.

/** The text of widget.css, which the server puts in. */
const CSS = "{{widget.css}}";

/** Colours with a six-digit code, as brands write them. */
const COLOUR = /^#[\da-f]{6}$/i;

/** The style of one page's widget. Constructed, because a shop's policy may forbid style in its markup. */
export function styleFor({ color = "", theme = "", side = "" }) {
  const scheme = ["light", "dark"].includes(theme) ? `color-scheme: ${theme} !important;` : "";
  const own = [
    side === "left" ? "--left: 20px; --right: auto;" : "",
    // A brand's colour fills buttons; links keep to the colour of the text, which is sure to be readable.
    COLOUR.test(color)
      ? `--accent: ${color}; --on-accent: ${inkOn(color)}; --link: var(--ink);`
      : "",
  ];
  return [CSS, `:host { ${scheme} } .launcher, .panel { ${own.join(" ")} }`].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

/** Black or white, whichever stands out more from the colour by the contrast formula of WCAG 2. */
function inkOn(color) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const part = Number.parseInt(color.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return bright > 0.179 ? "#000" : "#fff";
}

// The window, with the rating form at its end.

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
