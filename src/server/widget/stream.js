/** Receives new messages by server-sent events, or by polling where a stream does not get through. */

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
export function openMessageStream(request, onEvent) {
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
