/** Chooses the tools a turn is offered, and checks at the start that each of them has a policy rule and a target. */

import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { Role, type TargetName } from "#core/values/vocabulary.ts";
import type { Target } from "#core/contracts/tool.ts";
import { readTools, systemPorts } from "#connections/system-tools.ts";
import type { CurrentPolicy, LoadedPolicy } from "#policy/load-policy.ts";
import { ASKED_WITHOUT_RULE } from "#policy/decide.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { systemTarget } from "#systems/target.ts";
import type { SystemTool } from "#systems/contract.ts";
import { allTools } from "#tools/index.ts";
import type { Breakers } from "#connections/circuit-breakers.ts";
import type { Foundation, ConnectedTools } from "./composed-app.ts";
import type { Tools } from "./current-checks.ts";

/** Without mail no code can be sent, so the tool is not offered. */
export function offeredTools(
  {
    shop,
    knowledge,
    policy,
    connected,
  }: Pick<Parameters<typeof allTools>[0], "shop" | "knowledge"> & {
    readonly policy: CurrentPolicy;
    readonly connected: Pick<ConnectedTools, "tools" | "replaceSampleShop">;
  },
  identity: Target,
): Tools {
  const tools = allTools({ shop, knowledge, refundDays: () => policy.refundDays });
  const builtIn = tools.filter(
    (tool) =>
      !(connected.replaceSampleShop && needsShop(tool)) &&
      (tool.name !== "send_code" || identity.supports.includes(tool.name)),
  );
  return [...connected.tools, ...builtIn];
}

/** Beside those that show an account, the two that write to the address in the shop. */
function needsShop(tool: Tools[number]): boolean {
  if (tool.kind === "ending") return false;
  return tool.accountData || tool.name === "reset_password" || tool.name === "send_code";
}

/** Loads, checks and makes them. Throws `config.invalid` with every problem in the folder. */
export async function connectedTools(
  { config, allowances, clock, log }: Pick<Foundation, "config" | "allowances" | "clock" | "log">,
  breakers: Pick<Breakers, "system">,
): Promise<ConnectedTools> {
  const declarations = readTools(config.toolsFolders, BUILT_IN_TOOLS);
  const settings = config.systemSettings;
  const ports = systemPorts(declarations, { settings, breakers, allowances, clock, log });
  const changes = declarations.some(({ kind }) => kind === "write");
  return {
    declarations,
    tools: declarations.map((one) =>
      one.kind === "write" ? declaredWriteTool(one, ports) : declaredReadTool(one, ports),
    ),
    targets: changes ? [systemTarget(declarations, ports)] : [],
    replaceSampleShop: !config.real.shop && declarations.length > 0,
    ports,
  };
}

/**
 * Refuses, by name, an operation without a policy rule at once, instead of failing on it later. What came after the
 * first policy files is asked where a file does not name it, so that such a file still starts.
 */
export function requireRules(
  policy: LoadedPolicy,
  tools: Tools,
  declarations: readonly SystemTool[],
): void {
  const later = declarations.flatMap((one) =>
    one.kind === "write" && one.withoutRule === "ask" ? [one.operation] : [],
  );
  const known = [...policy.operations, ...ASKED_WITHOUT_RULE, ...later];
  const missing = tools.flatMap((tool) =>
    tool.kind === "write" && !known.includes(tool.operation) ? [tool.operation] : [],
  );
  if (missing.length > 0)
    throw new DeskhandError(
      "policy.invalid",
      `the policy has no rule for: ${missing.join(", ")}. Add one under operations; for imported tools the lines stand in the policy.yaml beside them`,
    );
  const wrong = declarations.flatMap((one) =>
    one.kind === "write" ? [...laxRules(policy, one), ...limitsOfNothing(policy, one)] : [],
  );
  if (wrong.length > 0) throw new DeskhandError("policy.invalid", wrong.join("\n"));
}

/** A limit of a role that would never hold, as the change comes without an amount. */
function limitsOfNothing(
  policy: LoadedPolicy,
  { operation, money }: Extract<SystemTool, { kind: "write" }>,
): readonly string[] {
  return Role.options.flatMap((role) =>
    money === undefined && policy.approvalLimit(role, operation) !== null
      ? [
          `role_limits.${role}.${operation}: ${operation} moves no money, so it has no amount to limit`,
        ]
      : [],
  );
}

/** Rules that would allow without a person what only people may decide. */
function laxRules(
  policy: LoadedPolicy,
  { operation, find, money }: Extract<SystemTool, { kind: "write" }>,
): readonly string[] {
  return policy.rulesThatAllow(operation).flatMap(({ id, hasMost }) => {
    if (find.by === "nothing")
      return [
        `rule ${id} allows ${operation} without a person, and nothing can tell afterwards whether it happened (${find.because}): let it ask`,
      ];
    return money !== undefined && !hasMost
      ? [`rule ${id}: allowing a ${operation} needs up_to, the most that may go out unseen`]
      : [];
  });
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
