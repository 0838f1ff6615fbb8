/** Recognizes comments that programs wrote. */
import type { Audit, Comment, Via } from "#zendesk/api/schema.ts";

/** What the operator knows about the account's programs and rules. */
export interface Programs {
  /** Users that are programs: what they write is answered a few times only, and no person made their assignments. */
  readonly users: readonly number[];
  /** Ways in that count as automatic besides rules: a channel, a rule's id or title, or how it came about ("rel"). */
  readonly rules: readonly string[];
  /** How often a program is answered in a row, with no person in between; twice by default. */
  readonly roundsMax?: number;
}

/** For an account without programs. */
export const NO_PROGRAMS: Programs = { users: [], rules: [] };

const ROUNDS_MAX = 2;

/** Comments by programs, by comment id: `known` may still be answered, `looping` may not. */
export type ProgramComments = ReadonlyMap<number, "known" | "looping">;

/**
 * Finds what programs said, under their own name or in a customer's. Each time one answers us without a person in
 * between is a round; a person who writes a public comment ends the count.
 */
export function programComments(
  comments: readonly Comment[],
  audits: readonly Audit[],
  { botUserId, programs }: { readonly botUserId: number; readonly programs: Programs },
): ProgramComments {
  const submitters = new Map(audits.map(({ id, author_id: author }) => [id, author]));
  const { users, roundsMax = ROUNDS_MAX } = programs;
  const isProgram = ({ author_id: author, audit_id: audit }: Comment): boolean =>
    users.includes(author) || users.includes(submitters.get(audit ?? 0) ?? author);
  const words = new Map<number, "known" | "looping">();
  const count = { rounds: 0, weSpoke: false };
  for (const comment of comments.toSorted((one, other) => one.id - other.id)) {
    const ours = comment.author_id === botUserId;
    const byProgram = isProgram(comment);
    if (comment.public) {
      count.rounds = roundsAfter(count, { ours, byProgram });
      count.weSpoke = ours;
    }
    if (byProgram) words.set(comment.id, count.rounds >= roundsMax ? "looping" : "known");
  }
  return words;
}

function roundsAfter(
  { rounds, weSpoke }: { readonly rounds: number; readonly weSpoke: boolean },
  { ours, byProgram }: { readonly ours: boolean; readonly byProgram: boolean },
): number {
  if (byProgram) return weSpoke ? rounds + 1 : rounds;
  return ours ? rounds : 0;
}

/** Rules (triggers, automations and routing) and the system itself come by one of these: names and numbers of "via". */
const AUTOMATIC_CHANNELS: ReadonlySet<string> = new Set([
  "rule",
  "8",
  "system",
  "omnichannel_routing",
]);

/** True when no person did it: a rule, routing, the system (whose user id is negative), or a configured program. */
export function isAutomaticChange(
  change: { readonly author_id: number; readonly via: Via | null | undefined },
  programs: Programs,
): boolean {
  const { author_id: author, via } = change;
  if (author <= 0 || programs.users.includes(author)) return true;
  return AUTOMATIC_CHANNELS.has(via?.channel ?? "") || matchesRule(via, programs.rules);
}

function matchesRule(via: Via | null | undefined, names: readonly string[]): boolean {
  const { rel, from } = via?.source ?? {};
  const marks = [via?.channel, rel, from?.id, from?.title];
  return marks.some((mark) => mark != null && names.includes(String(mark)));
}
