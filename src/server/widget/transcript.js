/** The messages and the status of a chat as the widget keeps them. */

import { newChat } from "./saved-chat.js";

/**
 * The messages and the status, as the browser keeps them. Calls `changed` after each change. A line is `from` "me"
 * with a `state` (sending, sent, failed with `why`), or from "us".
 */
export function createTranscript(memory, changed) {
  const own = { talk: memory.load(), movedAt: Date.now() };

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
    if (me.who === who) return false;
    const goesAlong = lines.filter((line) => line === underWay || (who === "" && isUnsent(line)));
    if (who !== "") memory.clear();
    const kept = memory.load();
    // Their chat may still be stored from when the shop could not say who they are.
    const theirs = kept.who === me.who ? kept : newChat(me.who, visitor);
    replace({ ...theirs, lines: [...theirs.lines, ...goesAlong] });
    return who !== "";
  }

  /** Takes over what another tab stored; lines this tab is sending stay its own to finish. */
  function adopt(stored) {
    const mine = own.talk.lines.filter(({ state }) => state === "sending");
    if (stored.conversation === own.talk.conversation)
      stored.lines = [
        ...stored.lines.map((line) => mine.find(({ id }) => id === line.id) ?? line),
        ...mine.filter(({ id }) => !stored.lines.some((line) => line.id === id)),
      ];
    own.talk = stored;
    changed();
  }

  /** Adds what the server reports; known messages are not added again. */
  function take({ messages = [], status, words = "" }) {
    const before = JSON.stringify(own.talk);
    addLines(own.talk, messages);
    if (status !== undefined) setStatus(own.talk, status, words);
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
    replace,
    settle,
    adopt,
    take,
  };
}

function addLines({ lines }, messages) {
  for (const [place, { id = `at-${place}`, text, at }] of messages.entries())
    if (!lines.some((line) => line.id === id)) lines.push({ id, from: "us", text, at });
}

function setStatus(talk, status, words) {
  if (words !== "" || status !== talk.status) talk.words = words;
  talk.status = status;
  // A message being worked on has arrived, even while its own request still waits for the answer.
  if (status !== "answered")
    for (const line of talk.lines) if (line.state === "sending") line.state = "sent";
}

function isUnsent({ from, state }) {
  return from === "me" && state !== "sent";
}
