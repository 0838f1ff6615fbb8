/** Replays the calls each task expects through tools and ledger, and compares the shop with what has to come of it. */
import { canonical } from "#core/values/canonical-json.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { Changes, ExpectedCall, RetailData, RetailState, Task } from "./data.ts";
import { type ConfirmedCommits, type LedgerStage, NOBODY } from "./ledger-stage.ts";
import { openRetailShop, type RetailShop } from "./retail-shop.ts";
import { retailTools } from "./tools.ts";

/** One task's replay. */
export interface GoldResult {
  readonly task: Task;
  readonly state: RetailState;
  /** One sentence for each way it went wrong; none when it passed. */
  readonly problems: readonly string[];
}

/**
 * Replays one task twice, each time in a shop of its own. It passes when both end in the same state, that state is the
 * expected one, and committing everything once more changed nothing.
 */
export async function replayTask(
  stage: LedgerStage,
  data: RetailData,
  task: Task,
): Promise<GoldResult> {
  const first = await replayOnce(stage, data, task, "first");
  const second = await replayOnce(stage, data, task, "second");
  const expected = data.expected?.get(task.id);
  const problems = [...first.problems];
  if (canonical(first.state) !== canonical(second.state))
    problems.push("ends in another state the second time");
  if (expected === undefined) problems.push("has no expected state");
  else problems.push(...differences(data.state, expected, first.state));
  return { task, state: first.state, problems };
}

async function replayOnce(
  stage: LedgerStage,
  { state }: RetailData,
  task: Task,
  which: string,
): Promise<Omit<GoldResult, "task">> {
  const shop = openRetailShop(`${task.id}-${which}`, state);
  const ledger = await stage.open(shop);
  const committed: PlannedAction[] = [];
  for (const call of task.evaluation_criteria.actions)
    committed.push(...(await replayCall(call, shop, ledger)));
  const before = shop.committed();
  const problems: string[] = [];
  for (const { key } of committed)
    if ((await ledger.stateOf(key)) !== "done") problems.push(`${key} is not done in the ledger`);
  const again = await ledger.commit(committed);
  if (again > 0 || shop.committed() !== before)
    problems.push("a repeated commit changed something");
  return { state: before, problems };
}

/** Runs one call; the proposals it led to are confirmed at once, as the expected calls are those of a confirmed talk. */
async function replayCall(
  { name, arguments: given }: ExpectedCall,
  shop: RetailShop,
  ledger: ConfirmedCommits,
): Promise<readonly PlannedAction[]> {
  const tool = retailTools(shop).find((one) => one.name === name);
  const input = tool?.input.safeParse(given);
  // As the published tools: a call that does not fit is an error the agent reads, and changes nothing.
  if (tool === undefined || input?.success !== true) return [];
  if (tool.kind === "ending") {
    tool.end(input.data);
    return [];
  }
  const context = contextOf(ledger.conversationId);
  if (tool.kind === "read") {
    tool.output.parse(await tool.run(input.data, context));
    return [];
  }
  const proposed = await tool.propose(input.data, context);
  if (proposed.kind === "impossible") return [];
  shop.propose(proposed.planned);
  await ledger.commit([proposed.planned]);
  return [proposed.planned];
}

/** Whom a call of the benchmark is about stands in its arguments; nothing here is proven. */
function contextOf(conversationId: string): ToolContext {
  return {
    conversationId,
    requester: NOBODY,
    audience: "private",
    answers: [],
    asked: "",
    ownWords: "",
    claimedAddress: null,
    subject: "",
    openMatters: async () => [],
    signal: AbortSignal.timeout(CALL_MS),
  };
}

const CALL_MS = 60_000;

/** The state that is expected: the shop at the start with the changed orders and users in it. */
export function expectedState(start: RetailState, { orders, users }: Changes): RetailState {
  return {
    ...start,
    orders: { ...start.orders, ...orders },
    users: { ...start.users, ...users },
  };
}

/** The orders, users and products in which a state differs from the expected one, one sentence each. */
export function differences(
  start: RetailState,
  expected: Changes,
  state: RetailState,
): readonly string[] {
  const wanted = expectedState(start, expected);
  return (["orders", "users", "products"] as const).flatMap((part) => {
    const [is, should]: Record<string, unknown>[] = [state[part], wanted[part]];
    const ids = new Set([...Object.keys(is ?? {}), ...Object.keys(should ?? {})]);
    return [...ids]
      .filter((id) => is?.[id] !== should?.[id] && textOf(is?.[id]) !== textOf(should?.[id]))
      .map((id) => `${part}: ${id} is ${textOf(is?.[id])} and should be ${textOf(should?.[id])}`);
  });
}

function textOf(record: unknown): string {
  return record === undefined ? "not there" : canonical(record);
}
