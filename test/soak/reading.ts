/** Reads what a customer sees, once everything is over: a read that is refused tells nothing about the answers. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { VisibleLine } from "./verdict.ts";

const Page = z.object({ messages: z.array(VisibleLine) });

/** A read limit counts a minute; whoever is still refused after so many waits is refused for another reason. */
const WAITS_MAX = 120;
const WAIT_DEFAULT_SECONDS = 1;

/** Answers that ask to come again: too much at once, or nobody there at present. */
const LATER: ReadonlySet<number> = new Set([429, 503]);

/**
 * The lines of one conversation. What has to be asked for later (`Retry-After`) is. Throws
 * for every other answer than a 200, so that the judge never counts a refused read as a lost answer.
 */
export async function linesOf(
  conversation: string,
  look: () => Promise<Response>,
  wait: (ms: number) => Promise<unknown> = delay,
): Promise<readonly VisibleLine[]> {
  for (let waits = 0; ; waits += 1) {
    const response = await look();
    const body = await response.text();
    if (response.status === 200) return Page.parse(JSON.parse(body)).messages;
    if (!LATER.has(response.status) || waits >= WAITS_MAX)
      throw new Error(`${conversation} cannot be read: ${response.status} ${body.slice(0, 200)}`);
    const asked = Number(response.headers.get("retry-after"));
    const seconds = Number.isFinite(asked) && asked > 0 ? asked : WAIT_DEFAULT_SECONDS;
    await wait(seconds * 1_000);
  }
}
