/** The entry point of the chat widget on a shop's page. */

import { createIdentitySource } from "./identity.js";
import { openSavedChat } from "./saved-chat.js";
import { createRenderer } from "./render.js";
import { styleFor } from "./style.js";
import { createChatSession } from "./chat-session.js";
import { textsFrom } from "./texts.js";
import { widgetView } from "./view.js";
import { createChatWindow } from "./chat-window.js";
import { createApiClient } from "./api-client.js";

/** Maximum height of the input field, in pixels. */
const FIELD_MAX = 140;
const RIGHT_TO_LEFT = /^(?:ar|dv|fa|he|ps|ur|yi)\b/i;

/** Puts the widget onto the page whose script tag this is. */
function start(tag) {
  const { title, greeting, lang: wanted = "en", ...look } = tag.dataset;
  const lang = isLanguage(wanted) ? wanted : "en";
  const base = new URL(".", tag.src).href;
  const texts = textsFrom(window.deskhandTexts, { title, greeting });
  const identity = createIdentitySource();
  const memory = openSavedChat(base);
  const own = { show: () => undefined, window: null, conversation: "" };
  const talk = createChatSession({
    api: createApiClient(base, identity),
    memory,
    identity,
    changed: () => own.show(talk.now()),
  });
  const view = widgetView(texts, {
    rate: talk.rate,
    back: () => talk.goTo("talk"),
    done: (wasRated) => talk.goTo(wasRated ? "rated" : "skipped"),
  });
  const show = createRenderer(view, { texts, lang, again: talk.again, seen: talk.seen });
  own.show = (now) => {
    show(now);
    // Another user's chat must not begin with what was typed before.
    if (now.conversation !== own.conversation) fillField(memory.draft());
    own.conversation = now.conversation;
  };
  own.window = createChatWindow(view, (isOpen) => {
    talk.opened(isOpen);
    own.show(talk.now());
    if (isOpen) view.talk.log.scrollTop = view.talk.log.scrollHeight;
  });
  addEventListener("visibilitychange", () => own.show(talk.now()));
  const { form, field } = view.compose;

  function fillField(text) {
    if (field.value !== text) field.value = text;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, FIELD_MAX)}px`;
  }

  field.addEventListener("input", () => {
    memory.keepDraft(field.value);
    fillField(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === "") return;
    memory.keepDraft("");
    fillField("");
    talk.say(text);
    field.focus();
  });
  view.end.addEventListener("click", () => talk.goTo("rating"));
  view.again.addEventListener("click", talk.restart);

  void talk.recognised().then(() => {
    place(view, { lang, look, label: texts.title });
    own.show(talk.now());
    own.window.restore();
    const { signOut } = talk;
    window.deskhand = { open: own.window.show, close: own.window.hide, signOut };
    return talk.begin();
  });
}

/** A tag that names no language would make every date unreadable. */
function isLanguage(tag) {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** A shadow root keeps the page's styles and ours apart; it is in the top layer where the browser has one. */
function place({ launcher, panel, news }, { lang, look, label }) {
  const host = document.createElement("deskhand-chat");
  host.lang = lang;
  host.dir = RIGHT_TO_LEFT.test(lang) ? "rtl" : "ltr";
  host.role = "complementary";
  host.ariaLabel = label;
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = styleFor(look);
  root.append(launcher, news, panel);
  document.body.append(host);
  if (typeof host.showPopover !== "function") return;
  host.popover = "manual";
  host.showPopover();
}

/** The shop's own scripts run first, since one of them says who the visitor is. */
function whenRead(begin) {
  if (document.readyState === "complete") begin();
  else {
    const once = new AbortController();
    const go = () => {
      once.abort();
      begin();
    };
    document.addEventListener("DOMContentLoaded", go, { signal: once.signal });
    addEventListener("load", go, { signal: once.signal });
  }
}

const tag = document.currentScript;
// A second tag on the same page would be a second chat.
if (tag !== null && window.deskhand === undefined) {
  window.deskhand = {};
  whenRead(() => start(tag));
}
