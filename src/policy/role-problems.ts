/** Checks roles, people on duty and approval limits for contradictions. */
import { BUILT_IN_OPERATIONS } from "#core/values/action.ts";
import { MONEY_OPERATIONS } from "#core/values/money.ts";
import { headcount, isGroup, person, roleLimitsIn } from "./roles.ts";
import type { PolicyDocument, Problem, RuleEntry } from "./schema.ts";

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
