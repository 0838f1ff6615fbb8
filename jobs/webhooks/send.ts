/**
 * Room: outgoing webhooks: what they are told, how it is signed and sent, and what becomes of it.
 * In: events of cards, cases and effects, within the transactions that make them; deliveries that are due.
 * Out: rows of deliveries; signed requests through the port it is given.
 * May touch: the database; the receivers' servers only through that port.
 * This file: sends what waits, signed by Standard Webhooks 1.0.0
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md), and decides what becomes
 * of each attempt. A delivery is taken for a minute by the process that sends it: a crash at any point leads to a second
 * one under the same id, and loses none.
 */
import { createHmac } from "node:crypto";
import { digest, JsonObject } from "#core/values/canonical-json.ts";
import { logFailure } from "#core/values/deadline.ts";
import { reasonOf } from "#core/values/errors.ts";
import { HOUR_MS, MINUTE_MS } from "#core/values/moment.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { maskAddresses, maskExact, maskNumbers } from "#jobs/masks/by-form.ts";
import {
  changeWebhook,
  type Delivery,
  dueWebhooks,
  SECRET_PREFIX,
  settleDelivery,
  takeDeliveries,
  type TakenDelivery,
} from "#store/webhooks/webhooks.ts";

/** The way to the receivers' servers. */
export interface WebhookPort {
  /** Why nothing may be sent to this address, as the end of a sentence; null where it may. Asks no server. */
  refusal(url: string): string | null;
  /**
   * Sends one POST, follows no redirect, and gives the status with the beginning of the answer. Throws what happened to
   * the connection, and for an address that nothing may be sent to.
   */
  post(
    url: string,
    request: {
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly status: number; readonly beginning: string }>;
}

/** What sending needs of a job's parts. */
export type Sending = Pick<JobContext, "store" | "clock" | "log" | "cardLink" | "crashPoint">;

const TIMEOUT_MS = 15_000;
/** Longer than an attempt and its record take. */
const TAKEN_MS = MINUTE_MS;
/** For one webhook at a time, so that a slow receiver is not overrun. */
const AT_ONCE = 4;

/** The waits between attempts that Standard Webhooks recommends, about three days in all. */
const WAITS_MS: readonly number[] = [5 / 3_600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24].map(
  (hours) => hours * HOUR_MS,
);

/** A wait is longer by up to this part, so that what failed together is not tried again together. */
const JITTER = 0.2;

/** The wait after so many attempts of this delivery, in milliseconds; null when it is given up. */
export function waitAfter({ id, attempts }: Pick<TakenDelivery, "id" | "attempts">): number | null {
  const wait = WAITS_MS[attempts - 1];
  if (wait === undefined) return null;
  const share = Number.parseInt(digest([id, attempts]).slice(0, 8), 16) / 0xff_ff_ff_ff;
  return Math.round(wait * (1 + JITTER * share));
}

/** What the receiver said, masked: `status` null where it gave no answer, and `answer` is why. */
type Result = Pick<Delivery, "status" | "answer">;

/** Sends to each webhook beside the others, so that a slow one holds up none of them. */
export function webhookSender(context: Sending, port: WebhookPort) {
  const stopping = new AbortController();
  const serving = new Map<string, Promise<unknown>>();
  const logged = (work: () => Promise<void>) => logFailure(context.log, "webhooks", work);
  async function serve(webhookId: string): Promise<void> {
    for (let more = true; more && !stopping.signal.aborted;) {
      const now = context.clock.now();
      const until = new Date(now.getTime() + TAKEN_MS);
      const taken = await takeDeliveries(context.store, webhookId, { now, until, limit: AT_ONCE });
      await Promise.all(
        taken.map((one) => logged(() => send(context, port, one, stopping.signal))),
      );
      more = taken.length > 0;
    }
  }
  return {
    /** Begins with every webhook for which something is due. */
    async start(): Promise<void> {
      await logged(async () => {
        for (const id of await dueWebhooks(context.store, context.clock.now())) {
          if (serving.has(id)) continue;
          const served = logged(() => serve(id)).finally(() => serving.delete(id));
          serving.set(id, served);
        }
      });
    },
    /** Resolves when nothing is under way. With `stop`, what is under way is left, and sent again once its minute is over. */
    async finished(how?: "stop"): Promise<void> {
      if (how === "stop") stopping.abort();
      while (serving.size > 0) await Promise.all(serving.values());
    },
  };
}

async function send(
  context: Sending,
  port: WebhookPort,
  taken: TakenDelivery,
  signal: AbortSignal,
): Promise<void> {
  const result = await answerTo(context, port, taken, signal);
  if (result === null) return;
  context.crashPoint("webhook sent");
  const now = context.clock.now();
  const settled = outcome(taken, result, now);
  const { id, webhookId } = taken;
  await context.store.run(async (transaction) => {
    // The webhook before its deliveries, as where it is removed: else the two wait for each other.
    if (result.status === 410)
      await changeWebhook(transaction, webhookId, { offReason: "its receiver answered 410 Gone" });
    await settleDelivery(transaction, taken, { ...result, ...settled });
  });
  if (settled.state === "dead")
    context.log.warn("a delivery to a webhook was given up", {
      webhook: webhookId,
      delivery: id,
      reason: result.status === null ? result.answer : `status ${result.status}`,
    });
}

/** What came of an attempt; null where this process stopped before it knew. */
async function answerTo(
  { clock, cardLink }: Sending,
  port: WebhookPort,
  taken: TakenDelivery,
  signal: AbortSignal,
): Promise<Result | null> {
  const { id, url, secret, oldSecret } = taken;
  const body = bodyText(taken, cardLink);
  const secrets = oldSecret === null ? [secret] : [secret, oldSecret];
  const headers = {
    "content-type": "application/json",
    "user-agent": "Deskhand-Webhooks",
    ...signedHeaders({ id, sentAt: clock.now(), body }, secrets),
  };
  try {
    const request = { headers, body, timeoutMs: TIMEOUT_MS, signal };
    const { status, beginning } = await port.post(url, request);
    return { status, answer: masked(beginning) };
  } catch (error) {
    if (signal.aborted) return null;
    return { status: null, answer: masked(reasonOf(error)) };
  }
}

/**
 * The three headers of a delivery. Each secret signs, so that during a rotation the receiver may know either. `sentAt`
 * is the time of this attempt, by which a receiver refuses a replay.
 */
export function signedHeaders(
  { id, sentAt, body }: { readonly id: string; readonly sentAt: Date; readonly body: string },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
    return `v1,${signature.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

/** The payload by Standard Webhooks: type, time of the event, and data; with the page about it. */
function bodyText(
  { event: type, createdAt, body }: TakenDelivery,
  cardLink: Sending["cardLink"],
): string {
  const data = JsonObject.parse(JSON.parse(body));
  const about = data["card"] ?? data["case"];
  const link = typeof about === "string" ? { link: cardLink(about) } : {};
  return JSON.stringify({ type, timestamp: createdAt.toISOString(), data: { ...data, ...link } });
}

function outcome(
  taken: TakenDelivery,
  { status }: Result,
  now: Date,
): Pick<Delivery, "state" | "nextAt"> {
  if (status !== null && status >= 200 && status < 300) return { state: "delivered", nextAt: now };
  const wait = status === 410 ? null : waitAfter(taken);
  return wait === null
    ? { state: "dead", nextAt: now }
    : { state: "waiting", nextAt: new Date(now.getTime() + wait) };
}

const ANSWER_MAX = 200;

/** As much of it as is kept: the receiver may have repeated anything, or put it into an error. */
function masked(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  return maskNumbers(maskAddresses(maskExact(line))).slice(0, ANSWER_MAX);
}
