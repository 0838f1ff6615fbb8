/** Our turn as a worker has it, without a database: guard, model over HTTP, tools, policy and the check of the answer. */
import { openaiModel } from "#agent/model.ts";
import { CODE_TOOL, SAYABLE, systemPrompt } from "#agent/prompt.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { canaryFinder, canaryMark, anyFinder, instructionFinder } from "#guard/output/leaks.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { allTools } from "#tools/index.ts";
import type { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { agentUnderTest } from "#test/support/fixtures/turns.ts";

const SECRET = "a canary secret of this benchmark alone";

/** Agent, input guard and output check that belong together; `ports` are those that differ from a test's own. */
export function bareTurn(
  modelUrl: string,
  shop: ReturnType<typeof memoryShop>,
  ports: Pick<Partial<Parameters<typeof agentUnderTest>[0]>, "clock" | "ids"> = {},
) {
  const tools = allTools({ shop, knowledge: tinyKnowledge() });
  const decided = [
    ...tools.filter(({ kind }) => kind === "write").map(({ name }) => name),
    CODE_TOOL,
  ];
  const guard = createInputGuard({
    toolNames: tools.map(({ name }) => name),
    delicateWords: {},
    vip: [],
  });
  const output = createOutputCheck({
    operations: [],
    linkHosts: ["ourshop.test"],
    contacts: [],
    ownAddresses: [],
    isCanary: anyFinder(canaryFinder(SECRET), instructionFinder(systemPrompt(decided), SAYABLE)),
  });
  const model = openaiModel({ apiKey: "any", baseUrl: modelUrl, model: "fake", timeoutMs: 60_000 });
  const { agent } = agentUnderTest({
    ...ports,
    model,
    tools,
    guard,
    output,
    canary: canaryMark(SECRET),
  });
  return { agent, guard, output };
}
