import type { Audit, Comment, Via } from "./schema.ts";

/** What the operator knows about the account's programs and rules. */
export interface Programs {
  /** Users that are programs: what they write is answered a few times only, what they assign nobody decided. */
  readonly users: readonly number[];
  /** Ways in that count as automatic beside rules: a channel, a rule's id or title, or how it came about ("rel"). */
  readonly rules: readonly string[];
  /** How often a program is answered in a row, with no person in between; two times unless told. */
  readonly roundsMax?: number;
}

/** Where no program writes by itself. */
export const NO_PROGRAMS: Programs = { users: [], rules: [] };

const ROUNDS_MAX = 2;

/** What a program said, by the comment's id: whether it may be answered still, or the two go round in circles. */
export type ProgramWords = ReadonlyMap<number, "known" | "looping">;

/**
 * Finds what programs said, under their own name or in a customer's. Each time one answers us without a person in
 * between is a round; a person who says something to everybody ends the count.
 */
export function programWords(
  comments: readonly Comment[],
  audits: readonly Audit[],
  { botUserId, programs }: { readonly botUserId: number; readonly programs: Programs },
): ProgramWords {
  const submitters = new Map(audits.map(({ id, author_id: author }) => [id, author]));
  const { users, roundsMax = ROUNDS_MAX } = programs;
  const words = new Map<number, "known" | "looping">();
  let rounds = 0;
  let weSpoke = false;
  for (const comment of comments.toSorted((one, other) => one.id - other.id)) {
    const submitter = submitters.get(comment.audit_id ?? 0) ?? comment.author_id;
    const isProgram = users.includes(comment.author_id) || users.includes(submitter);
    if (isProgram) {
      if (weSpoke && comment.public) rounds += 1;
      words.set(comment.id, rounds >= roundsMax ? "looping" : "known");
    } else if (comment.author_id !== botUserId && comment.public) rounds = 0;
    if (comment.public) weSpoke = comment.author_id === botUserId;
  }
  return words;
}

/** Rules (triggers, automations and routing) and the system itself come by one of these: names and numbers of "via". */
const CHANNELS: ReadonlySet<string> = new Set(["rule", "8", "system", "omnichannel_routing"]);

/** True when no person did it: a rule, routing, the system (whose user id is negative), or a program that was named. */
export function isAutomaticChange(
  change: { readonly author_id: number; readonly via: Via | null | undefined },
  programs: Programs,
): boolean {
  const { author_id: author, via } = change;
  if (author <= 0 || programs.users.includes(author)) return true;
  if (CHANNELS.has(via?.channel ?? "")) return true;
  const named = [via?.channel, via?.source?.rel, via?.source?.from?.id, via?.source?.from?.title];
  return named.some((word) => word != null && programs.rules.includes(String(word)));
}
