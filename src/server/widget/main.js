/** The entry point of the chat widget on a shop's page: the chat of its visitor, in a window that opens and closes. */

import { createRenderer } from "./render.js";
import { createApiClient, createSendQueue, watchPendingAnswer } from "./sending.js";
import {
  browserStorage,
  createIdentitySource,
  createTranscript,
  newChat,
  openSavedChat,
  randomName,
} from "./state.js";
import { styleFor, textsFrom, widgetView } from "./view.js";

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
  addEventListener("visibilitychange", () => {
    own.show(talk.now());
    if (!document.hidden) talk.opened(view.panel.open);
  });
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
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
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

/**
 * True for a key that belongs to an input method, as for Chinese. In Safari the composition is over before the key that
 * confirms it, and only this code tells (WebKit bug 165004).
 */
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
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

// One chat of a visitor: restores it, sends messages and receives answers.

/** The shop has this long to say who is signed in; then the chat appears without it. */
const RECOGNISE_MS = 4_000;

/** How soon the shop is asked again, in milliseconds; twice as long each time. */
const ASK_AGAIN_MS = 2_000;
const ASK_AGAIN_MS_MAX = 60_000;

/** One visitor's chat, without its page; `changed` is called after each change. */
function createChatSession({ api, memory, identity, changed }) {
  const own = { isOpen: false };
  const record = createTranscript(memory, changed);
  const delivery = createSendQueue(record, api);

  const recognise = (again) => identity.current(again).then(record.settle, () => undefined);

  /** The chat of a signed-in user is not shown before it is certain that they are still signed in. */
  async function recognised() {
    if (record.talk().who === "") return;
    const late = new Promise((_resolve, reject) => setTimeout(reject, RECOGNISE_MS));
    await Promise.race([identity.current(), late]).then(
      (me) => record.settle(me),
      // Hidden, not deleted: the shop may say it later, or know the user at the next page load.
      () => record.adopt(newChat("")),
    );
  }

  async function begin() {
    const poll = watchPendingAnswer({ record, api, delivery, isOpen: () => own.isOpen });
    memory.onChange(() => {
      const stored = memory.load();
      const { who } = record.talk();
      // They may have signed out in the other tab: neither their token nor their text is for who is here now.
      if (who !== "" && who !== stored.who) {
        identity.forget();
        memory.keepDraft("");
      }
      record.adopt(stored);
    });
    addEventListener("online", () => delivery.resume("offline", "serverAway"));
    // Stored may be a chat that is hidden so far, because the shop was slow to say who is here.
    if ([record.talk(), memory.load()].every(({ lines }) => lines.length === 0)) return;
    await recognise(false);
    await askWhileHidden(record, memory, recognise);
    delivery.resume("", "offline", "serverAway", "tooMany");
    if (record.talk().status !== "") await poll();
  }

  async function rate(score, comment) {
    const { status } = await api.ask(() => ({
      path: `/${record.talk().conversation}/rating`,
      body: { score, ...(comment === "" ? {} : { comment }) },
    }));
    return status >= 200 && status < 300;
  }

  return {
    now: record.talk,
    recognised,
    begin,
    rate,
    again: delivery.again,
    say: (text) => {
      const line = { id: randomName(), from: "me", text, at: new Date().toISOString(), why: "" };
      record.talk().lines.push(line);
      delivery.queue(line);
    },
    opened: (isOpen) => {
      own.isOpen = isOpen;
      if (isOpen) void recognise(true);
    },
    seen: (count) => {
      if (record.talk().seen === count) return;
      record.talk().seen = count;
      record.keep();
    },
    /** `talk`, `rating`, then `rated` or `skipped`. */
    goTo: (stage) => {
      record.talk().stage = stage;
      record.keep();
    },
    restart: () => record.replace(newChat(record.talk().who, record.talk().visitor)),
    signOut: () => {
      identity.forget();
      memory.clear();
      record.replace(newChat(""));
    },
  };
}

/** Asks on while a signed-in user's chat is stored and the shop has not said that it is they who are here. */
async function askWhileHidden(record, memory, recognise) {
  const isHidden = () => record.talk().who === "" && memory.load().who !== "";
  for (let waitMs = ASK_AGAIN_MS; isHidden(); waitMs = Math.min(2 * waitMs, ASK_AGAIN_MS_MAX)) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    await recognise(false);
  }
}

// The window.

/** On a small screen the open window is modal and takes the whole screen. */
const SMALL = matchMedia("(max-width: 480px), (max-height: 460px)");
const TOUCH = matchMedia("(pointer: coarse)");
const OPEN_KEY = "deskhand open";
/** Kept for this tab only: a new tab begins with a closed window. */
const ofTab = browserStorage(() => sessionStorage);

/** Opens and closes the window: focus moves in and returns, Escape closes, a reload restores the state. */
function createChatWindow({ panel, launcher, close, title, compose }, changed) {
  function show(isAsked) {
    if (panel.open) return;
    if (isAsked && SMALL.matches) panel.showModal();
    // Set rather than shown, so that a reload does not move the focus.
    else panel.open = true;
    ofTab.write(OPEN_KEY, "yes");
    fit();
    changed(true);
    if (!isAsked) return;
    // An on-screen keyboard would cover half of the messages before the visitor wants to write.
    if (TOUCH.matches || compose.form.hidden) title.focus();
    else compose.field.focus();
  }

  function hide() {
    if (!panel.open) return;
    panel.close();
    ofTab.write(OPEN_KEY, "");
    changed(false);
    launcher.focus();
  }

  /** A phone's keyboard takes screen space that the style sheet does not know about. */
  function fit() {
    const { visualViewport: seen } = window;
    if (seen === null) return;
    panel.style.setProperty("--seen", `${seen.height}px`);
    panel.style.setProperty("--above", `${seen.offsetTop}px`);
  }

  /** A change of the window's size or zoom can switch between modal and not. */
  function refit() {
    const isModal = panel.matches(":modal");
    if (panel.open && isModal !== SMALL.matches) {
      const focused = panel.getRootNode().activeElement;
      panel.close();
      if (SMALL.matches) panel.showModal();
      else panel.open = true;
      focused?.focus();
    }
    fit();
  }

  launcher.addEventListener("click", () => (panel.open ? hide() : show(true)));
  close.addEventListener("click", hide);
  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    hide();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    hide();
  });
  SMALL.addEventListener("change", refit);
  window.visualViewport?.addEventListener("resize", fit);
  window.visualViewport?.addEventListener("scroll", fit);
  return {
    show: () => show(true),
    hide,
    restore: () => {
      if (ofTab.stored(OPEN_KEY) === "yes" && !SMALL.matches) show(false);
    },
  };
}

const tag = document.currentScript;
// A second tag on the same page would be a second chat.
if (tag !== null && window.deskhand === undefined) {
  window.deskhand = {};
  whenRead(() => start(tag));
}
