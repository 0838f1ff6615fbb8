/** Our turn without database, as a candidate beside the others: `node our-turn.ts MODEL_URL CONVERSATIONS AT_ONCE`. */
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { TODAY, turn } from "#test/support/fixtures/turns.ts";
import { bareTurn } from "./bare-turn.ts";
import { measure } from "./candidates/measure.mjs";

const [, , modelUrl = "", conversations = "", atOnce = ""] = process.argv;

const { agent, guard } = bareTurn(modelUrl, memoryShop(TODAY));

let count = 0;

await measure(
  async () => {
    count += 1;
    const input = turn(["Where is my order 456?"], { turnId: `turn-${count}` });
    const { ending, findings } = await agent.run({ ...input, guard: guard.inspect(input.unread) });
    if (ending.kind !== "reply" || findings.length > 0)
      throw new Error(`the turn ended as ${JSON.stringify({ ending, findings })}`);
    return ending.text;
  },
  { conversations: Number(conversations), atOnce: Number(atOnce) },
);
