/** The same tickets played through two versions of a team's texts: what the second fixes, what it breaks, what to look at. */
import { formattedSums } from "#core/values/money.ts";
import { comparisonAgreement, type RehearsedTicket, riskInOrder } from "#core/values/rehearsal.ts";
import { counted, inWords, wrapped } from "#core/values/words.ts";
import { type RehearsalEnd, type RehearsalResult, ticketsSummary } from "./figures.ts";
import { firstLines, missing } from "./summary.ts";

/** A ticket as each version played it. */
interface Pair {
  readonly before: RehearsedTicket;
  readonly after: RehearsedTicket;
}

interface NotPlayed extends Pick<RehearsalEnd, "played" | "of" | "reason" | "failed"> {
  readonly version: "before" | "after";
}

/** Both versions beside each other; the dearest tickets first. */
export interface ComparedVersions extends Pick<RehearsalResult, "model" | "isRehearsalModel"> {
  /** Every ticket that both played. */
  readonly tickets: readonly Pair[];
  readonly fixes: readonly Pair[];
  readonly breaks: readonly Pair[];
  /** Judged alike, but not the same: another route, action or fact. */
  readonly look: readonly Pair[];
  /** How far each version came that did not play each of its tickets. */
  readonly notPlayed: readonly NotPlayed[];
}

/** Compares by what a rehearsal judges, so that a draft in other words alone is no difference. */
export function comparedVersions(
  before: RehearsalResult,
  after: RehearsalResult,
): ComparedVersions {
  const later = new Map(after.tickets.map((one) => [one.ticket.id, one]));
  const tickets = before.tickets
    .flatMap((one) => {
      const other = later.get(one.ticket.id);
      return other === undefined ? [] : [{ before: one, after: other }];
    })
    .toSorted((a, b) => dearer(b) - dearer(a));
  const { model, isRehearsalModel } = before;
  const groups = Map.groupBy(tickets, kindOfChange);
  const those = (kind: Kind) => groups.get(kind) ?? [];
  return {
    model,
    isRehearsalModel,
    tickets,
    fixes: those("fixes"),
    breaks: those("breaks"),
    look: those("look"),
    notPlayed: [...missedIn("before", before), ...missedIn("after", after)],
  };
}

function missedIn(
  version: NotPlayed["version"],
  { end: { state, played, of, reason, failed } }: RehearsalResult,
): readonly NotPlayed[] {
  return state === "done" ? [] : [{ version, played, of, reason, failed }];
}

function dearer({ before, after }: Pair): number {
  return Math.max(riskInOrder(before), riskInOrder(after));
}

type Kind = "fixes" | "breaks" | "look" | "alike";

function kindOfChange({ before, after }: Pair): Kind {
  const [from, to] = [rankOf(before), rankOf(after)];
  if (from !== null && to !== null && from !== to) return to > from ? "fixes" : "breaks";
  return judgedText(before) === judgedText(after) ? "alike" : "look";
}

/** How good an answer is; where it is not known what people did, it counts neither for nor against. */
const RANKS = { wrong: 1, differs: 2, same: 3, unknown: null } as const;

/** A wrong answer that no person sees is worse than one that waits for one. */
function rankOf({ comparison, route }: RehearsedTicket): number | null {
  const agreement = comparisonAgreement(comparison);
  return agreement === "wrong" && route === "alone" ? 0 : RANKS[agreement];
}

function judgedText({ route, outcome, actions, comparison }: RehearsedTicket): string {
  const decided = actions.map(({ operation, orderId, amount, verdict }) => ({
    operation,
    orderId,
    amount,
    verdict,
  }));
  return JSON.stringify({ route, outcome, decided, comparison });
}

const COLUMNS = 80;
/** Tickets of one kind that are shown; `--json` has all. */
const SHOWN_MAX = 10;

/** The whole text, what breaks first. */
export function versionsText(compared: ComparedVersions): string {
  const { fixes, breaks, look, tickets, notPlayed, model, isRehearsalModel } = compared;
  const [before, after] = (["before", "after"] as const).map(
    (version) => ticketsSummary(tickets.map((pair) => pair[version])).overall,
  );
  return [
    `fixes ${fixes.length}, breaks ${breaks.length}, ${look.length} to look at`,
    `${counted(tickets.length, "ticket")}, ${isRehearsalModel ? "rehearsal rules, no AI" : model}`,
    ...notPlayed.flatMap(notPlayedLines),
    `Money at risk: ${sums(before?.moneyAtRisk)} before, ${sums(after?.moneyAtRisk)} after`,
    `Without a person: ${sums(before?.moneyAtRiskAlone)} before, ${sums(after?.moneyAtRiskAlone)} after`,
    ...kindLines("Breaks", breaks),
    ...kindLines("To look at", look),
    ...kindLines("Fixes", fixes),
  ]
    .flatMap((line) => wrapped(line, COLUMNS, "    "))
    .join("\n");
}

function notPlayedLines({ version, played, of, reason, failed }: NotPlayed): readonly string[] {
  const first = `Not all played ${version}: ${played} of ${of}, ${reason}`;
  return [first, ...missing("could not be played", failed)];
}

function sums(amounts: RehearsedTicket["moneyAtRisk"] = []): string {
  return formattedSums(amounts).join(", ") || "none";
}

function kindLines(heading: string, pairs: readonly Pair[]): readonly string[] {
  const lines = pairs.map(
    ({ before, after }) => `${before.ticket.id}: ${playedText(before)} → ${playedText(after)}`,
  );
  return pairs.length === 0 ? [] : ["", ...firstLines(heading, lines, SHOWN_MAX)];
}

function playedText({ comparison, route, moneyAtRisk }: RehearsedTicket): string {
  const risk = moneyAtRisk.length === 0 ? "" : `, ${sums(moneyAtRisk)} at risk`;
  return `${comparisonAgreement(comparison)} ${inWords(route)}${risk}`;
}
