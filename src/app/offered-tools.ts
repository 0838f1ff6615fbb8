/** Chooses the tools a turn is offered, and checks at the start that each of them has a target. */

import type { Config } from "#config/environment.ts";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Target } from "#core/contracts/tool.ts";
import { readTools, systemPorts } from "#connections/system-tools.ts";
import type { CurrentPolicy } from "#policy/load-policy.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { systemTarget } from "#systems/target.ts";
import { allTools, DECLARED_TOOLS } from "#tools/index.ts";
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

/** The names of what a turn can be offered here, each with the operation it proposes; nothing behind them is asked. */
export function declaredTools(config: Config): ReadonlyMap<string, string | null> {
  const own = readTools(config.toolsFolders, BUILT_IN_TOOLS);
  const builtIn = DECLARED_TOOLS.filter(
    (tool) => !(replacesSampleShop(config, own) && needsShop(tool)),
  );
  return new Map(
    [...builtIn, ...own].map(({ name, ...tool }) => [
      name,
      tool.kind === "write" ? tool.operation : null,
    ]),
  );
}

function replacesSampleShop({ real }: Pick<Config, "real">, own: readonly unknown[]): boolean {
  return !real.shop && own.length > 0;
}

/** Beside those that show an account, the two that write to the address in the shop. */
function needsShop(tool: Tools[number]): boolean {
  if (tool.kind === "ending") return false;
  return tool.accountData || tool.name === "reset_password" || tool.name === "send_code";
}

/** Makes them, and reads and checks them first where that was not done. Throws `config.invalid` with every problem in the folder. */
export async function connectedTools(
  {
    config,
    declarations = readTools(config.toolsFolders, BUILT_IN_TOOLS),
    allowances,
    clock,
    log,
  }: Pick<Foundation, "config" | "declarations" | "allowances" | "clock" | "log">,
  breakers: Pick<Breakers, "system">,
): Promise<ConnectedTools> {
  const settings = config.systemSettings;
  const ports = systemPorts(declarations, { settings, breakers, allowances, clock, log });
  const changes = declarations.some(({ kind }) => kind === "write");
  return {
    declarations,
    tools: declarations.map((one) =>
      one.kind === "write" ? declaredWriteTool(one, ports) : declaredReadTool(one, ports),
    ),
    targets: changes ? [systemTarget(declarations, ports)] : [],
    replaceSampleShop: replacesSampleShop(config, declarations),
    ports,
  };
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
