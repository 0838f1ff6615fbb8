/** Watches for the answers that come after a message was sent. */

import { newChat } from "./saved-chat.js";
import { openMessageStream } from "./stream.js";

const TICK_MS = 500;
const MINUTE_MS = 60_000;

/** Statuses in which an answer is still to come. */
const WAITING = new Set(["working", "pending", "escalated"]);

/**
 * Fetches later messages: by a stream, and by polling where there is no stream or it is silent. Returns a function that
 * polls at once.
 */
export function watchPendingAnswer({ record, api, delivery, isOpen }) {
  const own = { polledAt: 0, followed: "" };
  const stream = openMessageStream(api.request, (event, data) => {
    // Until the next tick, the stream of a chat that is no longer shown stays open, such as after signing out.
    if (own.followed !== record.talk().conversation) return;
    if (event === "message") record.take({ messages: [data] });
    else if (event === "status") record.take({ status: data.status, words: data.text });
    // Removed on the server, such as after an erasure: removed here as well.
    else if (data.reason === "gone") record.replace(newChat(record.talk().who));
  });

  async function poll() {
    own.polledAt = Date.now();
    const { conversation } = record.talk();
    const { status, body } = await api.ask((me) => {
      record.settle(me);
      return { path: `/${record.talk().conversation}` };
    });
    if (status === 200 && conversation === record.talk().conversation) record.take(body);
  }

  /** Interval between polls: short while a visitor has waited for seconds, long after hours. */
  function everyMs() {
    const waits = delivery.isBusy() || WAITING.has(record.talk().status);
    const sinceMs = Date.now() - record.movedAt();
    const often = sinceMs < 2 * MINUTE_MS ? 2_000 : sinceMs < 15 * MINUTE_MS ? 10_000 : 30_000;
    return (waits ? often : isOpen() ? 10_000 : MINUTE_MS) * (document.hidden ? 5 : 1);
  }

  function tick() {
    const { stage, status, conversation } = record.talk();
    const isOn = stage === "talk" && status !== "";
    // Only a visible tab has a stream: without HTTP/2 browsers allow six connections to a host.
    own.followed = conversation;
    stream.point(isOn && !document.hidden ? `/${conversation}` : "");
    const isDue = Date.now() - Math.max(own.polledAt, record.movedAt()) > everyMs();
    if (isOn && isDue && navigator.onLine && !stream.lively()) void poll();
  }

  document.addEventListener("visibilitychange", tick);
  setInterval(tick, TICK_MS);
  return poll;
}
