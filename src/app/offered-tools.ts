/** Chooses the tools a turn is offered, and checks at the start that each of them has a policy rule and a target. */

import { DeskhandError } from "#core/values/errors.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Target } from "#core/contracts/target.ts";
import type { CurrentPolicy } from "#policy/current-policy.ts";
import { ASKED_WITHOUT_RULE } from "#policy/decide.ts";
import type { LoadedPolicy } from "#policy/load-policy.ts";
import { allTools } from "#tools/index.ts";
import type { Tools } from "./current-checks.ts";

/** Without mail no code can be sent, so the tool is not offered. */
export function offeredTools(
  {
    shop,
    knowledge,
    policy,
  }: Pick<Parameters<typeof allTools>[0], "shop" | "knowledge"> & {
    readonly policy: CurrentPolicy;
  },
  identity: Target,
): Tools {
  const tools = allTools({ shop, knowledge, refundDays: () => policy.refundDays });
  return tools.filter(({ name }) => name !== "send_code" || identity.supports.includes(name));
}

/**
 * Refuses, by name, an operation without a policy rule at once, instead of failing on it later. What came after the
 * first policy files is asked where a file does not name it, so that such a file still starts.
 */
export function requireRules({ operations }: LoadedPolicy, tools: Tools): void {
  const known = [...operations, ...ASKED_WITHOUT_RULE];
  const missing = tools.flatMap((tool) =>
    tool.kind === "write" && !known.includes(tool.operation) ? [tool.operation] : [],
  );
  if (missing.length > 0)
    throw new DeskhandError("policy.invalid", `the policy has no rule for: ${missing.join(", ")}`);
}

/** A tool whose operation no target supports is a set-up mistake. */
export function requireTargets(tools: Tools, targets: ReadonlyMap<TargetName, Target>): void {
  const supported = new Set([...targets.values()].flatMap((target) => target.supports));
  const homeless = tools.flatMap((tool) =>
    tool.kind === "write" && !supported.has(tool.operation) ? [tool.operation] : [],
  );
  if (homeless.length > 0)
    throw new DeskhandError("channel.unsupported", `nothing here can do: ${homeless.join(", ")}`);
}
