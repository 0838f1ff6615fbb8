/** What a policy has to say about the changes of the tools that are offered. */
import { DeskhandError } from "#core/values/errors.ts";
import { Role } from "#core/values/vocabulary.ts";
import { ASKED_WITHOUT_RULE } from "./decide.ts";
import type { LoadedPolicy } from "./load-policy.ts";

/** A tool that changes nothing needs no rule. */
interface HarmlessTool {
  readonly kind: "read" | "sql-read" | "ending";
}

/** A tool that a turn may be offered. */
type OfferedTool = HarmlessTool | { readonly kind: "write"; readonly operation: string };

/** What the declaration of a change in a system of one's own says about it. */
interface DeclaredChange {
  readonly kind: "write";
  readonly operation: string;
  /** How it is found out afterwards whether it happened; `because` says why nothing can. */
  readonly find: { readonly by: string; readonly because?: string };
  /** Left out where no money moves. */
  readonly money?: object | undefined;
  readonly withoutRule?: "ask";
}
type DeclaredTool = HarmlessTool | DeclaredChange;

/**
 * Refuses, by name, an operation without a policy rule at once, instead of failing on it later. What came after the
 * first policy files is asked where a file does not name it, so that such a file still starts.
 */
export function requireRules(
  policy: LoadedPolicy,
  tools: readonly OfferedTool[],
  declarations: readonly DeclaredTool[],
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
  { operation, money }: DeclaredChange,
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
  { operation, find, money }: DeclaredChange,
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
