/** Finds the role of a person and the approval limit that comes with it. */
import type { ApprovalVote } from "#core/values/approval.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { fromDecimal, type Money } from "#core/values/money.ts";
import { Role } from "#core/values/vocabulary.ts";
import { GROUP, type PolicyDocument } from "./schema.ts";

type Roles = PolicyDocument["roles"];

/** The normalised spelling of a person or group, so that Sam@ and sam@ are one. */
export function person(name: string): string {
  return name.trim().toLowerCase();
}

/** True for an entry that stands for all members of a group of the desk. */
export function isGroup(name: string): boolean {
  return person(name).startsWith(GROUP);
}

/**
 * A person's own entry comes before those of their groups, so that one member of a group can be given less. Of two of
 * their own names the smaller role counts, of two groups the larger: leads are usually in the support team's group as
 * well.
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

/** The groups of the desk that give a role, by the desk's names. */
export function groupsIn({ support, lead }: Roles): readonly string[] {
  const named = [...lead, ...support].filter(isGroup);
  return [...new Map(named.map((name) => [person(name), name.slice(GROUP.length)])).values()];
}

/**
 * How many people hold these roles, as far as the file shows: only the desk knows how large a group is, so one counts
 * as more than any rule could require.
 */
export function headcount(names: readonly string[]): number {
  return names.some(isGroup) ? Number.POSITIVE_INFINITY : new Set(names.map(person)).size;
}

/**
 * Who has to agree to a change that permits more: two leads; with only one lead, that lead and another person with a
 * role; with only one person, that person. Two names that a vote showed to belong to one person count once, and a group
 * of the desk counts as more than one person.
 */
export function changeNeeds(roles: Roles, votes: readonly ApprovalVote[]): Approvers {
  const alias = new Map(
    votes.flatMap(({ voter, deskId }) =>
      deskId === undefined ? [] : [[person(deskId), person(voter)] as const],
    ),
  );
  const people = (names: readonly string[]): number =>
    headcount(names.map(person).map((name) => alias.get(name) ?? name));
  if (people(roles.lead) > 1) return { count: 2, leads: 2 };
  return { count: people([...roles.lead, ...roles.support]) > 1 ? 2 : 1, leads: 1 };
}

/** The most a person with this role may approve of an operation; null when there is no limit. */
export function approvalLimitIn(
  { role_limits: limits, currency }: Pick<PolicyDocument, "role_limits" | "currency">,
  role: Role,
  operation: string,
): Money | null {
  const byOperation = limits[role] ?? {};
  const limit = Object.hasOwn(byOperation, operation) ? byOperation[operation] : undefined;
  return limit === undefined ? null : fromDecimal(limit.up_to, currency);
}

/** Every limit of a role in the file, in role order. */
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
