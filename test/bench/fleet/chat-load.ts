/** Customers who ask in the chat, each question a conversation of its own. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { inLanes, percentile } from "#test/support/program.ts";
import { IDENTITY_SECRET } from "#test/support/processes.ts";
import { visitorToken } from "#test/support/visitor.ts";

export const QUESTION = "Where is my order 456?";

/** One question and its answer, by the clock of `performance.now()`. */
export interface Asked {
  readonly from: number;
  readonly to: number;
}

const CUSTOMER = "u123";

/** Asks `count` questions, so many at once. Throws when one is not answered. */
export async function askInChat(
  url: string,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const token = await visitorToken(CUSTOMER, IDENTITY_SECRET);
  await inLanes(Array(count).keys(), atOnce, async () => {
    const from = performance.now();
    const response = await fetch(`${url}/support/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({
        user_id: CUSTOMER,
        message: QUESTION,
        conversation_id: randomBytes(16).toString("hex"),
      }),
    });
    const answer: unknown = await response.json();
    if (z.looseObject({ status: z.string() }).safeParse(answer).data?.status !== "answered")
      throw new Error(`a question ended as ${JSON.stringify(answer)}`);
    asked.push({ from, to: performance.now() });
  });
  return asked;
}

/** The middle of these; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : percentile(values, 0.5);
}
