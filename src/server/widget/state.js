/** What the widget keeps: who the visitor is, and the chat with its messages and its status, across page loads. */

/** A token that runs out this soon is asked for again rather than used. */
const SOON_MS = 30_000;

/**
 * Who the visitor is, as the shop signs it: `window.deskhandIdentity` is a token or a function that gives one, or
 * nothing for a visitor who is not signed in. It is asked again when a token has run out or was refused. Rejects when
 * the shop's function does, or gives what is no JWT, such as the page of an error: that says nothing of who is here.
 */
export function createIdentitySource() {
  const known = { token: "", who: "", until: 0 };
  const times = { forgotten: 0 };
  return {
    async current(again = false) {
      if (!again && known.token !== "" && Date.now() < known.until) return known;
      const { forgotten } = times;
      const source = window.deskhandIdentity;
      const given = typeof source === "function" ? await source() : source;
      // If the user signed out meanwhile, the shop's answer is about the wrong user: ask again.
      if (times.forgotten !== forgotten) return this.current(true);
      const token = given || "";
      const { sub = "", exp = 0 } = token === "" ? {} : tokenClaims(token);
      return Object.assign(known, { token, who: String(sub), until: exp * 1_000 - SOON_MS });
    },
    forget() {
      times.forgotten += 1;
      Object.assign(known, { token: "", who: "", until: 0 });
    },
  };
}

/** Read to tell visitors apart in this browser; only the server can check that it is true. */
function tokenClaims(token) {
  const coded = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

// The chat in the browser's storage.

/** The browser forgets a chat that was not used for a week. */
const KEEP_MS = 7 * 24 * 3_600_000;
/** Lines kept at most, so that a long chat does not fill the storage of the shop's own pages. */
const LINES_MAX = 100;

/** A random name that cannot be guessed: 32 lower-case hexadecimal digits. */
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** A chat that has not begun. `who` is the user id the shop signed, empty for a visitor. */
export function newChat(who, visitor = randomName()) {
  return {
    version: 1,
    who,
    visitor,
    conversation: randomName(),
    lines: [],
    status: "",
    words: "",
    seen: 0,
    dropped: "",
    stage: "talk",
    at: Date.now(),
  };
}

/** One of the browser's storages, which may be full or forbidden: then nothing is kept, and nothing is there. */
export function browserStorage(place) {
  return {
    write: (key, value) => {
      try {
        if (value === "") place().removeItem(key);
        else place().setItem(key, value);
      } catch {
        // It goes on without it.
      }
    },
    stored: (key) => {
      try {
        return place().getItem(key) ?? "";
      } catch {
        return "";
      }
    },
  };
}

/**
 * Keeps the chat and the unsent text in the shop's own storage across reloads. Where a browser stores nothing, the chat
 * lasts as long as the page.
 */
export function openSavedChat(base) {
  const talkKey = `deskhand ${base}`;
  const draftKey = `${talkKey} text`;
  // Where the version before kept it, as it was typed. One release later nothing is there.
  const oldDraftKey = `${talkKey} draft`;
  const { write, stored } = browserStorage(() => localStorage);
  const read = (key) => {
    try {
      const kept = JSON.parse(stored(key));
      if (kept.version === 1 && Date.now() - kept.at < KEEP_MS) return kept;
    } catch {
      // Nothing is stored, or nothing of ours.
    }
    // The shop's own scripts could read it for as long as it is there.
    write(key, "");
    return {};
  };
  // Storage, which all tabs share and some browsers lack, is only for the next page.
  const typed = { text: "", ...read(draftKey) };
  const load = () => ({ ...newChat(""), ...read(talkKey) });
  const keepDraft = (text) => {
    typed.text = text;
    write(draftKey, text === "" ? "" : JSON.stringify({ version: 1, at: Date.now(), text }));
  };
  const oldDraft = stored(oldDraftKey);
  if (oldDraft !== "") {
    keepDraft(oldDraft);
    write(oldDraftKey, "");
  }
  return {
    load,
    save(talk) {
      talk.at = Date.now();
      // The oldest lines are dropped first; `seen` counts lines of support, so it shrinks with them.
      const extra = Math.max(0, talk.lines.length - LINES_MAX);
      const gone = talk.lines.splice(0, extra).filter(({ from }) => from === "us");
      talk.seen = Math.max(0, talk.seen - gone.length);
      // The server goes on giving all of them.
      talk.dropped = gone.at(-1)?.at ?? talk.dropped;
      // A signed-in user's chat stays until it is certain that somebody else is here.
      if (["", talk.who].includes(load().who))
        write(talkKey, talk.lines.length === 0 ? "" : JSON.stringify(talk));
    },
    draft: () => typed.text,
    keepDraft,
    clear() {
      write(talkKey, "");
      keepDraft("");
    },
    /** Calls back when another tab of the same shop changed the chat. */
    onChange(changed) {
      addEventListener("storage", ({ key }) => {
        if (key === talkKey || key === null) changed();
      });
    },
  };
}

// Its messages and its status.

/**
 * The messages and the status, as the browser keeps them. Calls `changed` after each change. A line is `from` "me"
 * with a `state` (sending, also once it `isRead`, sent, failed with `why`), or from "us".
 */
export function createTranscript(memory, changed) {
  const own = { talk: memory.load(), movedAt: Date.now() };
  /** Lines that this page sends. Of all others it knows no more than is stored. */
  const mine = new WeakSet();

  function keep() {
    memory.save(own.talk);
    changed();
  }

  function replace(talk) {
    own.talk = talk;
    keep();
  }

  /**
   * A different user is signed in: they must not see the previous user's chat. Lines that a visitor had not sent before
   * signing in are kept, and so is the line being sent, whose writer is present. True when a user was signed in before.
   */
  function settle(me, underWay) {
    const { who, lines, visitor } = own.talk;
    // Stored may also be another user's chat, which was hidden while the shop could not say who is here.
    if ([who, memory.load().who].some((user) => !["", me.who].includes(user))) memory.clear();
    if (me.who === who) return false;
    const goesAlong = lines.filter((line) => line === underWay || (who === "" && isUnsent(line)));
    const kept = memory.load();
    // Their chat may still be stored from when the shop could not say who they are.
    const theirs = kept.who === me.who ? kept : newChat(me.who, visitor);
    replace({ ...theirs, lines: [...theirs.lines, ...goesAlong] });
    return who !== "";
  }

  /**
   * The server has this chat no more, as after an erasure or a restored backup. Nor has the browser, but for what never
   * got there or was never answered: of that, it may be the only copy. It is sent again when the visitor asks for it.
   */
  function forget() {
    replace({ ...newChat(own.talk.who), lines: unanswered(own.talk.lines) });
  }

  /**
   * Takes over what another tab stored. A line stays the same object, since its timer and its button hold it; what this
   * page sends stays as this page knows it, and what was sent stays sent. What the other tab wrote without knowing of
   * it is stored again.
   */
  function adopt(stored) {
    const { who, visitor, lines } = own.talk;
    const here = new Map(lines.map((line) => [line.id, line]));
    const isBehind = stored.lines.some(
      ({ id, state }) => here.get(id)?.state === "sent" && state !== "sent",
    );
    const merged = stored.lines.map((line) => {
      const known = here.get(line.id) ?? line;
      here.delete(line.id);
      const isOurs = known.state === "sent" || (mine.has(known) && line.state !== "sent");
      return isOurs ? known : Object.assign(known, line);
    });
    // The names of a chat stay, while the server may give its conversation another one.
    const isSame = stored.who === who && stored.visitor === visitor;
    const missed = [...here.values()].filter((line) => isSame && mine.has(line) && isUnsent(line));
    own.talk = { ...stored, lines: [...merged, ...missed] };
    if (isBehind || missed.length > 0) keep();
    else changed();
  }

  /** Adds what the server reports; known messages are not added again. */
  function take({ messages = [], status, words = "", taken = false }) {
    const before = JSON.stringify(own.talk);
    addLines(own.talk, messages);
    if (status !== undefined) setStatus(own.talk, status, words);
    if (status !== undefined) own.talk.taken = taken;
    // An answer that came as a message is not repeated below the messages.
    if (own.talk.lines.some(({ from, text }) => from === "us" && text === own.talk.words))
      own.talk.words = "";
    if (before === JSON.stringify(own.talk)) return;
    own.movedAt = Date.now();
    keep();
  }

  return {
    talk: () => own.talk,
    /** When the chat last changed, in milliseconds. */
    movedAt: () => own.movedAt,
    keep,
    claim: (line) => mine.add(line),
    replace,
    settle,
    forget,
    adopt,
    take,
  };
}

/**
 * Adds lines that are neither here nor were dropped: these are as old as `dropped` or older. Their positions would not
 * tell, since a chat that begins anew, as after an erasure, counts from one again.
 */
function addLines({ lines, dropped }, messages) {
  for (const { id, text, at } of messages)
    if (at > dropped && !lines.some((line) => line.id === id))
      lines.push({ id, from: "us", text, at });
}

function setStatus(talk, status, words) {
  if (words !== "" || status !== talk.status) talk.words = words;
  talk.status = status;
  // A message being worked on has arrived in all likelihood; only the answer to its own request makes it certain.
  if (status !== "answered")
    for (const line of talk.lines) if (line.state === "sending") line.isRead = true;
}

/** The visitor's lines that never got to the server, and as failed ones those that support said nothing after. */
function unanswered(lines) {
  const answered = lines.findLastIndex(({ from }) => from === "us");
  const kept = lines.filter((line, place) => place > answered || isUnsent(line));
  // Another tab knows the old id as that of a line that was sent.
  const lost = () => ({ id: randomName(), state: "failed", why: "gone" });
  return kept.map((line) => (isUnsent(line) ? line : { ...line, ...lost() }));
}

function isUnsent({ from, state }) {
  return from === "me" && state !== "sent";
}
