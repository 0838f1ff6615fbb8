/** Says who is on duty at a moment, and whether they are enough for an approval. */
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import { createCalendar, dutyGroups } from "./calendar.ts";
import { person } from "./roles.ts";
import type { PolicyDocument } from "./schema.ts";

/** Who is on duty at a given time, and whether they are enough. */
export interface Duty {
  /** The people of all groups whose hours include this moment, each once. */
  onDuty(at: Date): readonly string[];
  /**
   * When the duty hours this person is in end, by any of their names; `latest` where that comes first or they are not
   * on duty.
   */
  shiftEnds(names: readonly string[], at: Date, latest: Date): Date;
  /** One sentence when those on duty are too few for this approval; null when they are enough. */
  shortOf(needs: Approvers, at: Date): string | null;
}

/** Builds the duty schedule of a checked policy. Pure: the same moment always has the same people. */
export function createDuty({ calendar, roles }: Pick<PolicyDocument, "calendar" | "roles">): Duty {
  const groups = dutyGroups(calendar);
  const whole = createCalendar(calendar);
  const leads = new Set(roles.lead.map(person));

  function onDuty(at: Date): readonly string[] {
    const there = groups.filter(({ hours }) => hours.isOpen(at)).flatMap(({ people }) => people);
    return [...new Map(there.map((name) => [person(name), name])).values()];
  }

  return {
    onDuty,
    shiftEnds(names, at, latest) {
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
    shortOf(needs, at) {
      const there = onDuty(at);
      const leadsThere = there.filter((name) => leads.has(person(name)));
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
