/** Customers who ask in the chat, each question a conversation of its own. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
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
  let left = count;
  const token = await visitorToken(CUSTOMER, IDENTITY_SECRET);
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
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
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return asked;
}

/** The middle of these; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
