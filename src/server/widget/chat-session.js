/** One chat of a visitor: restores it, sends messages and receives answers. */

import { createSendQueue } from "./send-queue.js";
import { watchPendingAnswer } from "./pending-answer.js";
import { newChat, randomName } from "./saved-chat.js";
import { createTranscript } from "./transcript.js";

/** The shop has this long to say who is signed in; then the chat appears without it. */
const RECOGNISE_MS = 4_000;

/** One visitor's chat, without its page; `changed` is called after each change. */
export function createChatSession({ api, memory, identity, changed }) {
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
      // Hidden, not deleted: at the next page load the shop may know the user again.
      () => record.adopt(newChat("")),
    );
  }

  async function begin() {
    const poll = watchPendingAnswer({ record, api, delivery, isOpen: () => own.isOpen });
    memory.onChange(() => record.adopt(memory.load()));
    addEventListener("online", () => delivery.resume("offline", "serverAway"));
    if (record.talk().lines.length === 0) return;
    await recognise(false);
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
