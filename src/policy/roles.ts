/** Finds the role of a person and the approval limit that comes with it. */
import { fromDecimal, type Money } from "#core/values/money.ts";
import { Role } from "#core/values/vocabulary.ts";
import { GROUP, type PolicyDocument } from "./schema.ts";

type Roles = PolicyDocument["roles"];

/** Normalises a person or group, so that Sam@ and sam@ are the same. */
export function person(name: string): string {
  return name.trim().toLowerCase();
}

/** True for an entry that stands for all members of a desk group. */
export function isGroup(name: string): boolean {
  return person(name).startsWith(GROUP);
}

/**
 * The role of a person. An entry for the person takes precedence over entries for their groups, so that one member of a
 * group can have less. Of two entries for the person the smaller role counts, of two groups the larger: leads are
 * usually in the support team's group as well.
 */
export function roleIn(
  { support, lead }: Roles,
  teammate: {
    readonly id: string;
    readonly email: string | null;
    readonly groups?: readonly string[] | undefined;
  },
): Role | null {
  const { id, email, groups = [] } = teammate;
  const own = [id, ...(email === null ? [] : [email])].map(person).filter((name) => !isGroup(name));
  const theirs = groups.map((group) => person(`${GROUP}${group}`));
  const holds = (list: readonly string[], names: readonly string[]): boolean =>
    list.some((entry) => names.includes(person(entry)));
  if (holds(support, own)) return "support";
  if (holds(lead, own) || holds(lead, theirs)) return "lead";
  return holds(support, theirs) ? "support" : null;
}

/** The desk groups that give a role, as the desk names them. */
export function groupsIn({ support, lead }: Roles): readonly string[] {
  const named = [...lead, ...support].filter(isGroup);
  return [...new Map(named.map((name) => [person(name), name.slice(GROUP.length)])).values()];
}

/**
 * How many people hold these roles, as far as the file can tell: the desk decides the size of a group, so a group
 * counts as more than any rule can ask for.
 */
export function headcount(names: readonly string[]): number {
  return names.some(isGroup) ? Number.POSITIVE_INFINITY : new Set(names.map(person)).size;
}

/** The largest amount a person with this role may approve for an operation; null when there is no limit. */
export function approvalLimitIn(
  { role_limits: limits, currency }: Pick<PolicyDocument, "role_limits" | "currency">,
  role: Role,
  operation: string,
): Money | null {
  const byOperation = limits[role] ?? {};
  const limit = Object.hasOwn(byOperation, operation) ? byOperation[operation] : undefined;
  return limit === undefined ? null : fromDecimal(limit.up_to, currency);
}

/** Every role limit in the file, in the order of the roles. */
export function roleLimitsIn({
  role_limits: limits,
}: Pick<PolicyDocument, "role_limits">): readonly {
  readonly role: Role;
  readonly operation: string;
  readonly upTo: number;
}[] {
  return Role.options.flatMap((role) =>
    Object.entries(limits[role] ?? {}).map(([operation, { up_to: upTo }]) => ({
      role,
      operation,
      upTo,
    })),
  );
}
