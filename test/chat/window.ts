/** A chat window, as a page opens one that cannot use EventSource. */
import { z } from "zod";
import { arrival, PATIENCE_MS } from "#test/support/waiting.ts";

/** One event of a stream as it came; comments have no name. */
export interface Seen {
  readonly event: string;
  readonly id: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A JSON object of any kind. */
export const Data = z.record(z.string(), z.unknown());

/** An open window. */
export interface OpenWindow {
  readonly response: Response;
  /** Everything that came until an event of this kind has, with it. Rejects when the stream ends before. */
  until(fits: (event: Seen) => boolean): Promise<readonly Seen[]>;
  close(): Promise<void>;
}

/** Reads a stream the way a page does that cannot use EventSource. */
export async function openWindow(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenWindow> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    headers,
    signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(2 * PATIENCE_MS)]),
  });
  const pieces = eventsIn(response);
  return {
    response,
    async until(fits) {
      const seen: Seen[] = [];
      for (;;) {
        const news = `an event after ${JSON.stringify(seen)}`;
        const { value, done } = await arrival(news, pieces.next());
        if (done === true) throw new Error(`the stream ended after ${JSON.stringify(seen)}`);
        seen.push(value);
        if (fits(value)) return seen;
      }
    },
    async close() {
      if (!response.ok) await response.text();
      leaving.abort();
      await pieces.return(undefined).catch(() => undefined);
    },
  };
}

async function* eventsIn(response: Response): AsyncGenerator<Seen, void, void> {
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) if (!block.startsWith("retry: ")) yield eventOf(block);
  }
}

function eventOf(block: string): Seen {
  const field = (name: string): string | null =>
    new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? null;
  return {
    event: field("event") ?? (block.startsWith(":") ? "comment" : ""),
    id: field("id"),
    data: Data.parse(JSON.parse(field("data") ?? "{}")),
  };
}

/** Names of events with what a person reads in them. */
export function told(events: readonly Seen[]): readonly string[] {
  return events
    .filter(({ event }) => event !== "" && event !== "comment")
    .map(
      ({ event, data }) => `${event} ${String(data["status"] ?? data["text"] ?? data["reason"])}`,
    );
}

/** The header with this token. */
export function bearerOf(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
