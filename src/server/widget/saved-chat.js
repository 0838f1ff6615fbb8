/** Keeps a chat in the browser's storage across page loads. */

/** A talk nobody went on with for a week is forgotten by the browser. */
const KEEP_MS = 7 * 24 * 3_600_000;
/** Lines kept at most, so that a long talk does not fill what the shop's own pages may store. */
const LINES_MAX = 100;

/** A name nobody can guess, in lower-case digits and letters. */
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** A talk that has not begun. `who` is the user id the shop signed, empty for a visitor. */
export function freshTalk(who, visitor = randomName()) {
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
 * What survives a reload, in the shop's own storage: the talk and the text that was not sent yet. Where a browser keeps
 * nothing, the talk lives as long as the page.
 */
export function memoryFor(base) {
  const talkKey = `deskhand ${base}`;
  const draftKey = `${talkKey} draft`;
  const write = (key, value) => {
    try {
      if (value === "") localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Full or forbidden: the talk goes on without.
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
    load: () => talkFrom(read(talkKey)) ?? freshTalk(""),
    save(talk) {
      talk.at = Date.now();
      // What came first goes first; what is seen is counted, so that the count follows.
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
    /** Tells when another tab of the same shop went on with the talk. */
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
