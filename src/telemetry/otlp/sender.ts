/** Sends spans or metrics to a collector: in batches, within bounds, and never in the way of the work. */
import { reasonOf } from "#core/values/errors.ts";
import type { Json } from "#core/values/canonical-json.ts";
import type { Log } from "#core/contracts/ports.ts";

/** Where a collector takes requests, and how it is asked. */
export interface Collector {
  /** The address of one kind of request, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long one request may take. */
  readonly timeoutMs: number;
}

/** What was handed over and what became of it since the process started. */
export interface SenderCounts {
  readonly sent: number;
  readonly dropped: number;
}

/** Bounds of a batch sender; the defaults are those of OpenTelemetry's batch span processor. */
export interface Bounds {
  readonly waitingMax: number;
  readonly batchMax: number;
  readonly everyMs: number;
  readonly pauseMs: number;
  readonly pauseMsMax: number;
}

const BOUNDS: Bounds = {
  waitingMax: 2_048,
  batchMax: 512,
  everyMs: 5_000,
  pauseMs: 1_000,
  pauseMsMax: 60_000,
};

/** At a stop, spans have this long to go out. */
const LAST_MS = 2_000;

/** A collector that says these is asked again; with any other answer the batch is lost (OTLP/HTTP, "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

type Answer = "taken" | "refused" | { readonly againMs: number };

/** Asks once. Throws what `fetch` throws; redirects are refused, because the headers may hold a key. */
export async function post(
  { url, headers, timeoutMs }: Collector,
  body: Json,
  stopped?: AbortSignal,
): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    method: "POST",
    redirect: "error",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: stopped === undefined ? limit : AbortSignal.any([limit, stopped]),
  });
  await response.body?.cancel();
  if (response.ok) return "taken";
  if (!RETRYABLE.has(response.status)) return "refused";
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return { againMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0 };
}

/** Takes items one by one and sends them together; while the collector is away they wait, within their bound. */
export class BatchSender {
  readonly #collector: Collector;
  readonly #request: (items: readonly Json[]) => Json;
  readonly #log: Log;
  readonly #bounds: Bounds;
  readonly #waiting: Json[] = [];
  readonly #counts = { sent: 0, dropped: 0 };
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #pauseMs = 0;

  constructor(
    collector: Collector,
    given: {
      /** One request with these items. */
      readonly request: (items: readonly Json[]) => Json;
      readonly log: Log;
      readonly bounds?: Bounds;
    },
  ) {
    this.#collector = collector;
    this.#request = given.request;
    this.#log = given.log;
    this.#bounds = given.bounds ?? BOUNDS;
  }

  /** Returns at once. What finds no room is dropped and counted. */
  add(item: Json): void {
    if (this.#waiting.length >= this.#bounds.waitingMax || this.#stop.signal.aborted) {
      this.#counts.dropped += 1;
      return;
    }
    this.#waiting.push(item);
    if (this.#sending === null) this.#plan();
  }

  counts(): SenderCounts {
    return { ...this.#counts };
  }

  /** Sends what waits, as far as that is possible within two seconds, and stops. */
  async close(): Promise<void> {
    const limit = setTimeout(() => this.#stop.abort(), LAST_MS);
    await this.#send();
    clearTimeout(limit);
    this.#stop.abort();
    this.#counts.dropped += this.#waiting.splice(0).length;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** The pauses between tries grow while the collector is away. */
  #plan(): void {
    if (this.#timer !== null || this.#waiting.length === 0 || this.#stop.signal.aborted) return;
    const waitMs = Math.max(this.#bounds.everyMs, this.#pauseMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#send();
    }, waitMs).unref();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      this.#plan();
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && (await this.#sendOne()));
  }

  /** Returns whether the collector answered for good. */
  async #sendOne(): Promise<boolean> {
    const batch = this.#waiting.slice(0, this.#bounds.batchMax);
    const asked = post(this.#collector, this.#request(batch), this.#stop.signal);
    const answer = await asked.catch((error: unknown) => ({ againMs: 0, reason: reasonOf(error) }));
    if (typeof answer === "object") {
      this.#wait("reason" in answer ? answer.reason : "it asks to wait", answer.againMs);
      return false;
    }
    this.#pauseMs = 0;
    this.#waiting.splice(0, batch.length);
    this.#counts[answer === "taken" ? "sent" : "dropped"] += batch.length;
    if (answer === "refused")
      this.#log.warn("the collector refuses telemetry", { reason: "it answered with an error" });
    return true;
  }

  #wait(reason: string, atLeastMs: number): void {
    const { pauseMs, pauseMsMax } = this.#bounds;
    const longer = Math.max(pauseMs, this.#pauseMs * 2, atLeastMs);
    this.#pauseMs = Math.min(pauseMsMax, longer);
    this.#log.warn("the collector does not take telemetry", { reason });
  }
}
