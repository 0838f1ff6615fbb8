/** The widget and the server: requests, messages in the order they were written, and the answers that come later. */

/** The server answers a message within 25 seconds at most; what takes longer is lost on the way. */
const ANSWER_MS = 40_000;

/**
 * The server as the widget needs it. Nothing here throws: an answer has `status` 0 when the server could not be
 * reached and -1 when the shop could not say who the visitor is. `retryAfter` is in seconds.
 */
export function createApiClient(base, identity) {
  /** `write` gives path and body once it is known who asks; a refused token is asked for again, once. */
  async function request(write, signal, more = {}) {
    for (const again of [false, true]) {
      const me = await identity.current(again).catch(() => null);
      if (me === null) return { status: -1 };
      const { path, body } = write(me);
      const response = await fetch(`${base}support/chat${path}`, {
        method: body === undefined ? "GET" : "POST",
        cache: "no-store",
        credentials: "omit",
        signal,
        headers: {
          ...more,
          ...(me.token === "" ? {} : { authorization: `Bearer ${me.token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status !== 401 || me.token === "" || again) return response;
    }
    return { status: 0 };
  }

  async function ask(write) {
    try {
      const response = await request(write, AbortSignal.timeout(ANSWER_MS));
      if (response.status < 0) return { status: -1, retryAfter: 0, body: {} };
      // An answer that is no JSON comes from something between us and the server.
      const body = await response.json().catch(() => null);
      const retryAfter = Number(response.headers.get("retry-after")) || 0;
      return { status: body === null ? 0 : response.status, retryAfter, body: body ?? {} };
    } catch {
      return { status: 0, retryAfter: 0, body: {} };
    }
  }
  return { request, ask };
}

// Sending.

/** Messages go out in the order they were written; each waits at most this long for the one before. */
const APART_MS = 400;
/** Automatic retries of an unsent message; after that the visitor has to retry it. */
const TRIES_MAX = 5;
const TRY_AGAIN_S = 5;
/** Most answers come sooner; after this the widget says that it waits for one. */
const SLOW_MS = 1_200;

/** Sends a visitor's lines. A line keeps its id over all tries, so that the server accepts it once. */
export function createSendQueue(record, api) {
  const own = { inFlight: 0, last: Promise.resolve() };

  async function deliver(line) {
    Object.assign(line, { state: "sending", why: "", tries: (line.tries ?? 0) + 1 });
    record.keep();
    own.inFlight += 1;
    const slow = setTimeout(() => {
      line.isSlow = true;
      record.keep();
    }, SLOW_MS);
    const answer = navigator.onLine ? await post(line) : { status: 0, body: {}, retryAfter: 0 };
    own.inFlight -= 1;
    clearTimeout(slow);
    line.isSlow = false;
    const { talk } = record;
    if (!talk().lines.includes(line)) return;
    if (answer.status !== 200) return refused(line, answer);
    const { status, reply, conversation_id: conversation } = answer.body;
    // A visitor's conversation gets its name from the server, and another one once the server has it no more.
    if (conversation !== talk().conversation && talk().status !== "") record.forget();
    talk().conversation = conversation;
    line.state = "sent";
    record.keep();
    const { body: now } = await api.ask(() => ({ path: `/${talk().conversation}` }));
    const words = now.status === undefined || now.status === status ? reply : "";
    if (talk().lines.includes(line)) record.take({ status, ...now, words });
  }

  async function post(line) {
    const seen = { signedOut: false };
    const answer = await api.ask((me) => {
      seen.signedOut = record.settle(me, line);
      if (seen.signedOut) throw new Error("the writer of this message is no longer signed in");
      return { path: "", body: messageBody(line, me, record.talk()) };
    });
    return seen.signedOut ? { ...answer, status: 401 } : answer;
  }

  function refused(line, { status, retryAfter, body }) {
    // Another tab that sent it too was faster.
    if (line.state === "sent") return;
    const why = reasonFor(status);
    const seconds = retryAfter || TRY_AGAIN_S * line.tries;
    Object.assign(line, { state: "failed", why, seconds, detail: why === "" ? body.message : "" });
    record.keep();
    if (why === "tooMany" || (why === "serverAway" && line.tries < TRIES_MAX))
      setTimeout(() => again(line), seconds * 1_000);
  }

  function again(line) {
    if (record.talk().lines.includes(line) && line.state === "failed") queue(line);
  }

  function queue(line) {
    record.claim(line);
    Object.assign(line, { state: "sending", isRead: false });
    own.last = own.last.then(() => Promise.race([deliver(line), pause(APART_MS)]));
    record.keep();
  }

  return {
    isBusy: () => own.inFlight > 0,
    queue,
    again,
    /** Sends lines that failed for one of these reasons, or were being sent when the page was closed. */
    resume(...reasons) {
      for (const line of record.talk().lines)
        if (line.from === "me" && line.state !== "sent" && reasons.includes(line.why)) queue(line);
    },
  };
}

function messageBody(line, me, { visitor, conversation }) {
  return {
    user_id: me.who || `visitor-${visitor}`,
    message: line.text,
    conversation_id: conversation,
    message_id: line.id,
  };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The name of the text that says why a message was not sent; empty where the server's own message is shown. */
function reasonFor(status) {
  if (status === -1) return "identityAway";
  if (status === 401) return "signedOut";
  if (status === 429) return "tooMany";
  if (status === 0 && !navigator.onLine) return "offline";
  return status === 0 || status >= 500 ? "serverAway" : "";
}

// Receiving.

/** The server's code for a chat that it has no more. An unknown address has another one, ours too. */
const GONE = "chat.gone";

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
  // First of all it is settled who is here: a chat is not gone because another user cannot find it.
  const settled = (write) => (me) => {
    record.settle(me);
    return write();
  };
  const request = (write, ...more) => api.request(settled(write), ...more);
  const stream = openMessageStream(request, (event, data) => {
    // Until the next tick, the stream of a chat that is no longer shown stays open, such as after signing out.
    if (own.followed !== record.talk().conversation) return;
    if (event === "message") record.take({ messages: [data] });
    else if (event === "status") record.take({ ...data, words: data.text });
    else if (data.reason === "gone") record.forget();
  });

  async function poll() {
    own.polledAt = Date.now();
    const { conversation } = record.talk();
    const { status, body } = await api.ask(
      settled(() => ({ path: `/${record.talk().conversation}` })),
    );
    if (conversation !== record.talk().conversation) return;
    if (status === 200) record.take(body);
    // It was removed while nobody listened.
    else if (body.error === GONE) record.forget();
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
    // These statuses mean a server without streams or this chat; one that is away or busy answers otherwise.
    if (response.status >= 400 && response.status < 429) {
      await hearRefusal(run, response);
      return false;
    }
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

  async function hearRefusal(run, response) {
    const refusal = await response.json().catch(() => null);
    if (run === current.run && refusal?.error === GONE) onEvent("end", { reason: "gone" });
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
