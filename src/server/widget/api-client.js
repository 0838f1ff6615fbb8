/** Calls the chat API for the widget. */

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
