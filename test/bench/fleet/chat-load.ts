/** Customers who ask in the chat, each question a conversation of its own. */
import { randomUUID } from "node:crypto";
import { inLanes, percentile } from "#test/support/program.ts";
import { IDENTITY_SECRET } from "#test/support/processes.ts";
import { sendInChat, visitorToken } from "#test/support/visitor.ts";
import { ANN_ALONE, inTurn, questionOf, type Asker } from "./customers.ts";

/** One question and its answer, by the clock of `performance.now()`. */
export interface Asked {
  readonly from: number;
  readonly to: number;
}

/** How many questions, how many at once, and whose: without `next`, all are the sample's one customer's. */
export interface ChatLoad {
  readonly count: number;
  readonly atOnce: number;
  readonly next?: () => Asker;
}

/** Asks `count` questions, so many at once. Throws when one is not answered. */
export async function askInChat(
  url: string,
  { count, atOnce, next = inTurn(ANN_ALONE) }: ChatLoad,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  await inLanes(Array(count).keys(), atOnce, async () => {
    const asker = next();
    const token = await visitorToken(asker.id, IDENTITY_SECRET);
    const from = performance.now();
    const { text } = await sendInChat(`${url}/support/chat`, {
      token,
      user: asker.id,
      conversation: randomUUID(),
      text: questionOf(asker),
      id: randomUUID(),
    });
    if (!text.includes('"status":"answered"')) throw new Error(`a question ended as ${text}`);
    asked.push({ from, to: performance.now() });
  });
  return asked;
}

/** The middle of these; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : percentile(values, 0.5);
}
