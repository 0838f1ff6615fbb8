/** Receives new messages by server-sent events, or by polling where a stream does not get through. */

/** A stream that was silent for so long may be held back by something on the way, and is polled beside it. */
const SILENT_MS = 20_000;
/** The server says something every quarter of a minute; a stream that is silent for so long is gone without a word. */
const DEAD_MS = 60_000;
/** After a cut a stream is opened again this much later, twice as late each time, up to the most. */
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 60_000;

/**
 * Keeps one stream of later messages open. Whoever uses it polls whenever it is not `lively()`: proxies cut streams or
 * hold them back, and neither may cost anybody an answer.
 */
export function laterMessages(request, onEvent) {
  const current = { path: "", run: null };

  /** True when it is worth opening the stream again. */
  async function read(run, path) {
    const resume = run.lastId === "" ? {} : { "last-event-id": run.lastId };
    const write = () => ({ path: `${path}/events` });
    const response = await request(write, run.stop.signal, resume);
    const type = response.headers?.get("content-type") ?? "";
    // A server without streams says so at once; one that is away or busy does not.
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
      // Cut or unreadable: the polling goes on, and this tries again later.
      const goesOn = await read(run, path).catch(() => true);
      run.heardAt = 0;
      if (!goesOn) return;
      const waitMs = run.againMs * (0.5 + Math.random() / 2);
      run.againMs = Math.min(run.againMs * 2, AGAIN_MS_MAX);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** As after a sleep of the computer, which no error tells of. */
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
