/** Which candidates a person reads: one of each family, and one of those that ask the same. */

import { groupQuestions } from "#jobs/gaps/group-questions.ts";
import { withStems } from "#jobs/gaps/solved-tickets.ts";
import { personalMasker } from "#jobs/privacy/mask-personal.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import type { Store } from "#store/db/database.ts";
import type { CandidateLine } from "#store/reports/eval-candidates.ts";

const CHARACTERS_MAX = 400;

/** A candidate that stands for others. */
export interface ListedCandidate extends CandidateLine {
  /** How many more ask the same. */
  readonly alike: number;
}

/**
 * One candidate of each family and of each group of questions that ask the same, by the stems of their masked words. Of
 * a group the one that a person accepted stands for all, else the most typical one.
 */
export async function listedCandidates(
  store: Store,
  lines: readonly CandidateLine[],
): Promise<readonly ListedCandidate[]> {
  const one = new Map<string, CandidateLine>();
  for (const line of lines) {
    const other = one.get(line.family);
    if (other === undefined || (other.decision === null && line.decision !== null))
      one.set(line.family, line);
  }
  const questions = await Promise.all(
    [...one.values()].map(async (line, id) => ({
      id,
      line,
      question: await questionOf(store, line.conversationId),
    })),
  );
  const stemmed = await withStems(store, questions);
  const groups = groupQuestions(stemmed.map((each) => ({ ...each, vector: null })));
  return groups
    .flatMap((group) => {
      const first = group.find(({ line }) => line.decision === "accepted") ?? group[0];
      return first === undefined ? [] : [{ ...first.line, alike: group.length - 1 }];
    })
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

/** What the customer asked, masked: numbers and names make no two questions different. */
async function questionOf(store: Store, conversationId: string): Promise<string> {
  const stored = await store.run((transaction) => messagesOf(transaction, conversationId));
  const messages = stored.map(({ message }) => message);
  const mask = personalMasker({ messages, cards: [], effects: [] });
  const asked = messages.filter(
    ({ author, visibility }) => author.kind === "requester" && visibility === "public",
  );
  return mask(asked.map(({ text }) => text).join(" "))
    .replaceAll(/\[[^\][]*\]/g, " ")
    .slice(0, CHARACTERS_MAX);
}
