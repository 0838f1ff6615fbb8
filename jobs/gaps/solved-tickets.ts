/** Solved conversations that teammates answered, as proposals for pages: never as passages that answers cite. */
import { z } from "zod";
import { masker } from "#jobs/masks/anonymize.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storableJson } from "#store/db/storable-text.ts";
import { listCandidates } from "#store/reports/eval-candidates.ts";
import type { StemmedGap } from "#store/reports/knowledge-gaps.ts";
import { type GapGroup, groupsOf, type QuestionVectors } from "./list-gaps.ts";
import { oneLine } from "#core/values/words.ts";

const DAY_MS = 86_400_000;
const CONVERSATIONS_MAX = 500;
const QUESTION_CHARACTERS_MAX = 400;

/** What is asked for, and how to tell that a page answers a question already. */
interface AskedProposals {
  readonly now: Date;
  readonly days: number;
  /** True where a page answers it; such a question is left out. */
  readonly isAnswered: (question: string) => Promise<boolean>;
  readonly vectors?: QuestionVectors;
}

/**
 * Questions of solved conversations whose last answer a teammate wrote, in groups. The teammate who solved it said that it was
 * answered; a rule that closes tickets says nothing, so those are left out.
 */
export async function solvedGroups(
  store: Store,
  { now, days, isAnswered, vectors }: AskedProposals,
): Promise<readonly GapGroup[]> {
  const since = now.getTime() - days * DAY_MS;
  const all = await store.run((transaction) => listCandidates(transaction, CONVERSATIONS_MAX));
  const solved = all
    .filter(({ answeredBy, at }) => answeredBy === "person" && at.getTime() >= since)
    .toReversed();
  const found: Omit<StemmedGap, "stems">[] = [];
  for (const { conversationId, channel, at } of solved) {
    const question = await questionOf(store, conversationId);
    if (question === null || (await isAnswered(question.words))) continue;
    found.push({
      id: found.length + 1,
      conversationId,
      messageKey: question.key,
      reason: "unanswered",
      channel,
      question: question.words,
      query: "",
      pages: [],
      at,
    });
  }
  return groupsOf(await withStems(store, found), vectors);
}

/** What the customer asked before the first answer of a teammate, masked; null where that is not known any more. */
async function questionOf(
  store: Store,
  conversationId: string,
): Promise<{ readonly key: string; readonly words: string } | null> {
  const stored = await store.run((transaction) => messagesOf(transaction, conversationId));
  const messages = stored.map(({ message }) => message);
  const shown = messages.filter(({ visibility }) => visibility === "public");
  const answer = shown.findIndex(({ author }) => author.kind === "teammate");
  const asked = shown.slice(0, answer).filter(({ author }) => author.kind === "requester");
  const newest = asked.at(-1);
  if (answer < 0 || newest === undefined) return null;
  const mask = masker({ messages, cards: [], effects: [] });
  const words = mask(asked.map(({ text }) => text).join(" "));
  const line = oneLine(words).slice(0, QUESTION_CHARACTERS_MAX);
  return line === "" ? null : { key: newest.key, words: line };
}

/** The same questions, each with the stems of its words as the word index makes them. */
export async function withStems<
  Question extends { readonly id: number; readonly question: string },
>(
  store: Store,
  gaps: readonly Question[],
): Promise<readonly (Question & { readonly stems: string[] })[]> {
  const asked = storableJson(gaps.map(({ id, question }) => ({ id, question })));
  const rows = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ id: z.int(), stems: z.array(z.string()) }),
      sql`select id, tsvector_to_array(to_tsvector('english', question)) as stems
          from jsonb_to_recordset(${asked}::jsonb) as one(id integer, question text)`,
    ),
  );
  const stems = new Map(rows.map((row) => [row.id, row.stems]));
  return gaps.map((gap) => ({ ...gap, stems: stems.get(gap.id) ?? [] }));
}
