/** Keeps a chat in the browser's storage across page loads. */

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
    stage: "talk",
    at: Date.now(),
  };
}

/**
 * Keeps the chat and the unsent text in the shop's own storage across reloads. Where a browser stores nothing, the chat
 * lasts as long as the page.
 */
export function openSavedChat(base) {
  const talkKey = `deskhand ${base}`;
  const draftKey = `${talkKey} draft`;
  const write = (key, value) => {
    try {
      if (value === "") localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Storage is full or forbidden: the chat goes on without it.
    }
  };
  const read = (key) => {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return "";
    }
  };
  return {
    load: () => talkFrom(read(talkKey)) ?? newChat(""),
    save(talk) {
      talk.at = Date.now();
      // The oldest lines are dropped first; `seen` counts lines of support, so it shrinks with them.
      const extra = Math.max(0, talk.lines.length - LINES_MAX);
      const gone = talk.lines.splice(0, extra).filter(({ from }) => from === "us").length;
      talk.seen = Math.max(0, talk.seen - gone);
      write(talkKey, talk.lines.length === 0 ? "" : JSON.stringify(talk));
    },
    draft: () => read(draftKey),
    keepDraft: (text) => write(draftKey, text),
    clear() {
      write(talkKey, "");
      write(draftKey, "");
    },
    /** Calls back when another tab of the same shop changed the chat. */
    onChange(changed) {
      addEventListener("storage", ({ key }) => {
        if (key === talkKey || key === null) changed();
      });
    },
  };
}

function talkFrom(text) {
  try {
    const talk = JSON.parse(text);
    const isOurs = talk.version === 1 && Array.isArray(talk.lines);
    return isOurs && Date.now() - talk.at < KEEP_MS ? talk : null;
  } catch {
    return null;
  }
}
