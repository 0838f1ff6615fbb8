/** Sends the visitor's messages in order and retries failed ones. */

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
    line.state = "sent";
    // A visitor's conversation gets its name from the server.
    talk().conversation = conversation;
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
    line.state = "sending";
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
