import assert from "node:assert/strict";
import type { BoundRequester } from "#core/values/identity.ts";
import type { PlannedAction, UnprovenValue } from "#core/values/action.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { memoryShop, type MemoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { TODAY, verified } from "#test/support/fixtures/turns.ts";
import { allTools } from "#tools/index.ts";

/** Facts of a turn as the agent gives them to a tool; Ann, alone, unless said otherwise. */
export function contextOf(
  requester: BoundRequester = verified("u123"),
  changes: Partial<ToolContext> = {},
): ToolContext {
  return {
    conversationId: "c1",
    requester,
    audience: "private",
    answers: ["m1"],
    asked: "",
    ownWords: "",
    claimedAddress: null,
    openMatters: async () => [],
    subject: "",
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Ann, who has written this. */
export function wrote(ownWords: string, answers = ["m1"]): ToolContext {
  return contextOf(verified("u123"), { ownWords, answers });
}

/** Runs a read tool by name as the agent would: input and output parsed by its schemas. */
export async function lookUp(
  name: string,
  input: unknown,
  context = contextOf(),
  shop: MemoryShop = memoryShop(TODAY),
): Promise<{ readonly output: unknown; readonly calls: readonly string[] }> {
  const tools = allTools({ shop, knowledge: tinyKnowledge(), refundDays: () => 30 });
  const tool = tools.find((one) => one.name === name);
  assert.ok(tool?.kind === "read", name);
  const output = tool.output.parse(await tool.run(tool.input.parse(input), context));
  return { output, calls: shop.calls };
}

/** Asks a write tool by name for its proposal. */
export async function propose(
  name: string,
  input: unknown,
  context = contextOf(),
  shop: MemoryShop = memoryShop(TODAY),
): Promise<{
  readonly planned: PlannedAction | null;
  readonly unproven: readonly UnprovenValue[];
  readonly reason: string;
  readonly calls: readonly string[];
}> {
  const tool = allTools({ shop, knowledge: tinyKnowledge() }).find((one) => one.name === name);
  assert.ok(tool?.kind === "write", name);
  const proposed = await tool.propose(tool.input.parse(input), context);
  return {
    planned: proposed.kind === "proposed" ? proposed.planned : null,
    unproven: proposed.kind === "proposed" ? proposed.unproven : [],
    reason: proposed.kind === "impossible" ? proposed.reason : "",
    calls: shop.calls,
  };
}
