/** Watches for the answers that come after a message was sent: by a stream of the server, and by polling. */

import { newChat } from "./saved-chat.js";

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

/** A stream that is silent for this long may be held back by a proxy, so the caller polls as well. */
const SILENT_MS = 20_000;
/** The server sends something every 15 seconds; a stream that is silent for this long is dead. */
const DEAD_MS = 60_000;
/** Pause before a cut stream is opened again; it doubles each time, up to the maximum. */
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 60_000;

/**
 * Keeps one stream of later messages open. The caller polls whenever it is not `lively()`: proxies cut streams or hold
 * them back, and no visitor may lose an answer to that.
 */
function openMessageStream(request, onEvent) {
  const current = { path: "", run: null };

  /** True when it is worth opening the stream again. */
  async function read(run, path) {
    const resume = run.lastId === "" ? {} : { "last-event-id": run.lastId };
    const write = () => ({ path: `${path}/events` });
    const response = await request(write, run.stop.signal, resume);
    const type = response.headers?.get("content-type") ?? "";
    // These statuses mean a server without streams; a server that is away or busy answers otherwise.
    if (response.status >= 400 && response.status < 429) return false;
    if (response.status !== 200 || !type.startsWith("text/event-stream")) return true;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const text = { rest: "" };
    for (;;) {
      const { done, value } = await reader.read();
      if (done || run !== current.run) return true;
      run.heardAt = Date.now();
      run.againMs = AGAIN_MS;
      const parts = (text.rest + value.replaceAll("\r", "")).split("\n\n");
      text.rest = parts.pop();
      for (const part of parts) hear(run, part);
    }
  }

  function hear(run, part) {
    const found = { event: "message", data: "", id: "" };
    for (const line of part.split("\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) found[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    if (found.id !== "") run.lastId = found.id;
    if (found.data !== "") onEvent(found.event, JSON.parse(found.data));
  }

  async function keep(run, path) {
    while (run === current.run) {
      // Cut or unreadable: polling continues, and this tries again later.
      const goesOn = await read(run, path).catch(() => true);
      run.heardAt = 0;
      if (!goesOn) return;
      const waitMs = run.againMs * (0.5 + Math.random() / 2);
      run.againMs = Math.min(run.againMs * 2, AGAIN_MS_MAX);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Such as after the computer slept, which raises no error. */
  function isDead(run) {
    return run !== null && run.heardAt > 0 && Date.now() - run.heardAt > DEAD_MS;
  }

  return {
    lively: () => Date.now() - (current.run?.heardAt ?? 0) < SILENT_MS,
    /** Opens the stream of a conversation, or closes it with an empty path. */
    point(path) {
      if (path === current.path && !isDead(current.run)) return;
      current.run?.stop.abort();
      current.path = path;
      current.run =
        path === ""
          ? null
          : { stop: new AbortController(), heardAt: 0, lastId: "", againMs: AGAIN_MS };
      if (current.run !== null) void keep(current.run, path);
    },
  };
}
