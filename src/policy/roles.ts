/** Finds the role of a person and the approval limit that comes with it, and who is on duty. */

import type { ApprovalVote } from "#core/contracts/approval-desk.ts";
import type { Approvers, Policy, Decision } from "#core/contracts/policy.ts";
import { fromDecimal, type Money, MONEY_OPERATIONS } from "#core/values/money.ts";
import { Role } from "#core/values/vocabulary.ts";
import { GROUP, type PolicyDocument, type Problem, type RuleEntry } from "./schema.ts";
import { BUILT_IN_OPERATIONS } from "#core/values/action.ts";
import { createCalendar, dutyGroups } from "./calendar.ts";

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
  teammate: Parameters<Policy["roleOf"]>[0],
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

/** Everybody to whom the file gives a role by address, in its order, leads last. */
export function teammatesIn(roles: Roles): Policy["teammates"] {
  return Role.options.flatMap((role) =>
    roles[role]
      .filter((name) => name.includes("@"))
      .map((name) => ({ address: person(name), role })),
  );
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
function headcount(names: readonly string[]): number {
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

/** True when this role may not approve the amount. One in another currency than the limit's is for leads. */
export function isBeyondRole(role: Role, amount: Money, limit: Money | null): boolean {
  if (limit === null) return false;
  return amount.currency === limit.currency ? amount.minor > limit.minor : role !== "lead";
}

/** Every limit of a role in the file, in role order. */
export function roleLimitsIn({ role_limits: limits }: Pick<PolicyDocument, "role_limits">) {
  return Role.options.flatMap((role) =>
    Object.entries(limits[role] ?? {}).map(([operation, { up_to: upTo }]) => ({
      role,
      operation,
      upTo,
    })),
  );
}

// Checks roles, people on duty and approval limits for contradictions.

/**
 * People and limits that contradict each other: two roles for one person, no role for a person on duty, limits without
 * effect.
 */
export function roleProblems(document: PolicyDocument): readonly Problem[] {
  return [...peopleProblems(document), ...limitProblems(document)];
}

/** People notified of delicate messages read them, so they have to be on the team. */
export function pageProblems({ roles, delicate }: PolicyDocument): readonly Problem[] {
  return withoutRole(roles, delicate.page, ["delicate", "page"]);
}

function peopleProblems({ roles, calendar }: PolicyDocument): readonly Problem[] {
  const leads = new Set(roles.lead.map(person));
  return [
    ...roles.support.flatMap((name, index) =>
      leads.has(person(name))
        ? [{ path: ["roles", "support", index], reason: `${name} is a lead already` }]
        : [],
    ),
    ...calendar.duty.flatMap(({ people }, group) =>
      withoutRole(roles, people, ["calendar", "duty", group, "people"]),
    ),
    ...(leads.has(person(calendar.fallback_lead))
      ? []
      : [
          {
            path: ["calendar", "fallback_lead"],
            reason: `${calendar.fallback_lead} is not a lead`,
          },
        ]),
  ];
}

function withoutRole(
  { lead, support }: PolicyDocument["roles"],
  people: readonly string[],
  path: Problem["path"],
): readonly Problem[] {
  const holders = [...lead, ...support];
  // Only the desk knows who is in a group.
  if (holders.some(isGroup)) return [];
  const known = new Set(holders.map(person));
  return people.flatMap((name, index) =>
    known.has(person(name)) ? [] : [{ path: [...path, index], reason: `${name} has no role` }],
  );
}

function limitProblems(document: PolicyDocument): readonly Problem[] {
  const { lead: leads = {}, support = {} } = document.role_limits;
  return roleLimitsIn(document).flatMap(({ role, operation, upTo }) => {
    const path = ["role_limits", role, operation];
    const lead = leads[operation]?.up_to;
    // A lead may do everything that support may.
    if (role === "lead" && !Object.hasOwn(support, operation))
      return [{ path, reason: `support has no limit for a ${operation}, and leads have one` }];
    if (!Object.hasOwn(document.operations, operation))
      return [{ path, reason: `there is no operation ${operation}` }];
    // Only its declaration says whether a connected operation moves money; that is checked when Deskhand starts.
    if (BUILT_IN_OPERATIONS.includes(operation) && !MONEY_OPERATIONS.includes(operation))
      return [{ path, reason: `${operation} moves no money, so it has no amount to limit` }];
    return role === "support" && lead !== undefined && lead < upTo
      ? [{ path: [...path, "up_to"], reason: `is more than a lead may approve (${lead})` }]
      : [];
  });
}

/** Why there are not enough people for what a rule requires; null when there are, or when only the desk can tell. */
export function tooFewPeople(
  { approvers }: RuleEntry,
  roles: PolicyDocument["roles"],
): string | null {
  if (approvers === undefined) return null;
  if (approvers.count < 1) return "asking needs at least one person";
  if (approvers.leads > approvers.count) return "more leads than people";
  if (approvers.leads > headcount(roles.lead)) return "there are not so many leads";
  const people = headcount([...roles.lead, ...roles.support]);
  if (approvers.count > people) return "there are not so many people under roles";
  return approvers.four_eyes === true && approvers.count === people
    ? "four eyes need one person more under roles, because a teammate who asked or edited does not count"
    : null;
}

/** Who is on duty at a given time, and whether they are enough. Pure: the same moment always has the same people. */
export function createDuty({ calendar, roles }: Pick<PolicyDocument, "calendar" | "roles">) {
  const groups = dutyGroups(calendar);
  const whole = createCalendar(calendar);
  const [leads, others] = [new Set(roles.lead.map(person)), new Set(roles.support.map(person))];
  const isLeadByGroup = roles.lead.some(isGroup);

  /** Only the desk knows who is in a group: with one among the leads, those who have no role by name may be in it. */
  function mayLead(name: string): boolean {
    return leads.has(person(name)) || (isLeadByGroup && !others.has(person(name)));
  }

  /** The people of all groups whose hours include this moment, each once. */
  function onDuty(at: Date): readonly string[] {
    const there = groups.filter(({ hours }) => hours.isOpen(at)).flatMap(({ people }) => people);
    return [...new Map(there.map((name) => [person(name), name])).values()];
  }

  return {
    onDuty,
    /** When the duty hours this person is in end, by any of their names; `latest` where it is first or they are off duty. */
    shiftEnds(names: readonly string[], at: Date, latest: Date): Date {
      const theirs = new Set(names.map(person));
      const ends = groups
        .filter(
          ({ people, hours }) =>
            hours.isOpen(at) && people.some((name) => theirs.has(person(name))),
        )
        .map(({ hours }) => hours.openUntil(at, latest).getTime());
      // A person in two groups is on duty as long as either is.
      return ends.length === 0 ? latest : new Date(Math.max(...ends));
    },
    /** One sentence when those on duty are too few for this approval; null when they are enough. */
    shortOf(needs: Approvers, at: Date): string | null {
      const there = onDuty(at);
      const leadsThere = there.filter(mayLead);
      // Each person on duty has a role; a file that says otherwise is refused.
      if (there.length >= needs.count && leadsThere.length >= needs.leads) return null;
      const who =
        there.length === 0
          ? untilTheNextShift(at)
          : `only ${there.join(" and ")} ${there.length === 1 ? "is" : "are"} on duty now`;
      const noLead = there.length > 0 && leadsThere.length === 0 && needs.leads > 0;
      return `This needs ${approversInWords(needs)}, and ${who}${noLead ? ", without a lead" : ""}.`;
    },
  };

  function untilTheNextShift(at: Date): string {
    const starts = groups.flatMap(({ hours }) => hours.opensAt(at)?.getTime() ?? []);
    return starts.length === 0
      ? "no teammate is on duty"
      : `no teammate is on duty before ${whole.inWords(new Date(Math.min(...starts)))}`;
  }
}

const NUMBERS = [
  "no person",
  "one person",
  "two people",
  "three people",
  "four people",
  "five people",
];

/** "two people, one of them a lead"; with four eyes the text also excludes who asked for it or wrote it. */
export function approversInWords({ count, leads, fourEyes }: Approvers): string {
  const others =
    count === 1 ? "who did not ask for it or write it" : "none of whom asked for it or wrote it";
  return `${numberInWords(count, leads)}${fourEyes === true ? `, ${others}` : ""}`;
}

function numberInWords(count: number, leads: number): string {
  const people = NUMBERS[count] ?? `${count} people`;
  if (leads === 0) return people;
  if (leads === count) return count === 1 ? "a lead" : `${people}, all of them leads`;
  return `${people}, ${leads === 1 ? "one of them a lead" : `${leads} of them leads`}`;
}

/** "one person approves", "it happens by itself", "it is refused". */
export function verdictInWords(verdict: Decision["verdict"], approvers: Approvers): string {
  if (verdict === "allow") return "it happens by itself";
  if (verdict === "deny") return "it is refused";
  const people = approversInWords(approvers);
  return `${people}${people.includes(",") ? "," : ""} ${approvers.count === 1 ? "approves" : "approve"}`;
}
