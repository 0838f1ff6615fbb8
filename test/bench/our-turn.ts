/**
 * Our turn as a worker has it, without a database, as a candidate beside the others: guard, model over HTTP, tools, policy
 * and the check of the answer: `node our-turn.ts MODEL_URL CONVERSATIONS AT_ONCE`.
 */
import { openaiModel } from "#agent/model.ts";
import { CODE_TOOL, SAYABLE, systemPrompt } from "#agent/prompt.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { canaryFinder, canaryMark, anyFinder, instructionFinder } from "#guard/output/leaks.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { agentUnderTest, TODAY, turn } from "#test/support/fixtures/turns.ts";
import { allTools } from "#tools/index.ts";
import { measure } from "./candidates/measure.mjs";

const SECRET = "a canary secret of this benchmark alone";

const [, , modelUrl = "", conversations = "", atOnce = ""] = process.argv;

const tools = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() });
const decided = [
  ...tools.filter(({ kind }) => kind === "write").map(({ name }) => name),
  CODE_TOOL,
];
const guard = createInputGuard({
  toolNames: tools.map(({ name }) => name),
  delicateWords: {},
  vip: [],
});
const { agent } = agentUnderTest({
  model: openaiModel({ apiKey: "any", baseUrl: modelUrl, model: "fake", timeoutMs: 60_000 }),
  tools,
  guard,
  output: createOutputCheck({
    operations: [],
    linkHosts: ["ourshop.test"],
    contacts: [],
    ownAddresses: [],
    isCanary: anyFinder(canaryFinder(SECRET), instructionFinder(systemPrompt(decided), SAYABLE)),
  }),
  canary: canaryMark(SECRET),
});

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
