/**
 * Our turn without database: guard, model calls, look-ups, policy and output check, as a candidate beside the others.
 * `node our-turn.ts MODEL_URL CONVERSATIONS AT_ONCE`
 */
import { openaiModel } from "#agent/model.ts";
import { CODE_TOOL, SAYABLE, systemPrompt } from "#agent/prompt.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { canaryFinder, canaryMaker } from "#guard/output/canary.ts";
import { anyFinder } from "#guard/output/encoded-text.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { instructionFinder } from "#guard/output/prompt-leaks.ts";
import { allTools } from "#tools/index.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { agentUnderTest, TODAY, turn } from "#test/support/fixtures/turns.ts";
import { measure } from "./candidates/measure.mjs";

const [, , modelUrl = "", conversations = "", atOnce = ""] = process.argv;

const SECRET = "a canary secret of this benchmark alone";
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
const isMark = canaryFinder(SECRET);
const isRule = instructionFinder(systemPrompt(decided), SAYABLE);
const { agent } = agentUnderTest({
  model: openaiModel({ apiKey: "any", baseUrl: modelUrl, model: "fake", timeoutMs: 60_000 }),
  tools,
  guard,
  output: createOutputCheck({
    operations: [],
    linkHosts: ["ourshop.test"],
    contacts: [],
    ownAddresses: [],
    isCanary: anyFinder(isMark, isRule),
  }),
  canary: canaryMaker(SECRET),
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
