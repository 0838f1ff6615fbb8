/** One click says that what the guard held back is harmless: the conversation is planned as if it had been allowed. */

import type { InputGuard } from "#core/contracts/guard.ts";
import { clockText } from "#core/values/moment.ts";
import type { Message } from "#core/values/message.ts";
import { inspectOne, type TextPlace } from "#guard/input/one-text.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { wakeSoon } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  heldBackMessages,
  keepHarmlessTexts,
  type HarmlessText,
  type PlacedMessage,
} from "#store/reports/harmless-texts.ts";
import { isHeldBack } from "#jobs/approval/card-flags.ts";
import { acceptedAnswer, RACED, refusedAnswer, type RacedAnswer } from "#jobs/approval/refusals.ts";
import { type CardPress, recordVote } from "./card-press.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { judgedDigest } from "#jobs/conversation/guard-verdict.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import { endCard } from "#jobs/approval/end-card.ts";

const NOTHING_HELD = "The guard holds nothing back on this card. Nothing was changed.";

/** Longer texts are learnt from by their beginning. */
const WORDS_MAX = 20_000;

/**
 * Ends the card, remembers its messages as harmless in the form they have now, keeps their texts masked for the training
 * of the guard, and has the conversation planned again. Any teammate with a role may do it, as they may dismiss such a
 * card. The policy still decides on what the next turn proposes.
 */
export async function sayHarmless(
  context: JobContext,
  { approval, at, voter, counted }: CardPress,
): Promise<RacedAnswer> {
  if (!isHeldBack(approval.card)) return refusedAnswer(NOTHING_HELD);
  const said = `Said to be harmless by ${voter.name}`;
  const closing = `${said} · ${clockText(at, approval.card.zone)}`;
  const woken = await context.store.run(async (transaction) => {
    const { messages, cards } = await heldBackMessages(transaction, approval.answers);
    const conversations = new Set(messages.map(({ conversationId }) => conversationId));
    const all = [...conversations.add(approval.conversationId)];
    await wakeSoon(transaction, [], all, at);
    const change = { state: "void" as const, votes: [...counted.votes], closing };
    const end = { change, outcome: "ignored" as const, reason: said, withdrawn: said };
    if (!(await endCard(transaction, approval, end, at))) return null;
    const masked = personalMasker({
      messages: messages.map(({ message }) => message),
      cards,
      effects: [],
    });
    const texts = heldBackTexts(context.guard, messages).map(({ words, ...text }) => ({
      ...text,
      maskedText: masked(words),
    }));
    await keepTexts(context, transaction, { approval, texts, voter: voter.voter, at });
    return all;
  });
  if (woken === null) return RACED;
  for (const id of woken) await notifyWorker(context, id);
  return acceptedAnswer("");
}

async function keepTexts(
  context: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  {
    approval,
    texts,
    voter,
    at,
  }: {
    readonly approval: Approval;
    readonly texts: readonly (HeldBackText & Pick<HarmlessText, "maskedText">)[];
    readonly voter: string;
    readonly at: Date;
  },
): Promise<void> {
  const who = await context.pseudonym(transaction, voter);
  const { id: approvalId } = approval;
  await keepHarmlessTexts(
    transaction,
    texts.map((text) => ({ ...text, approvalId, who, at })),
  );
  const messages = [...new Set(texts.map(({ judged }) => judged))];
  const press = { voter, button: "harmless", at, beside: { messages } } as const;
  await recordVote(context, transaction, approval, press);
}

type HeldBackText = Pick<
  HarmlessText,
  "conversationId" | "messageKey" | "judged" | "segment" | "lang"
>;

/** The texts for which the guard holds a message back, with their words; the whole message where no text alone does. */
function heldBackTexts(
  guard: InputGuard,
  messages: readonly PlacedMessage[],
): readonly (HeldBackText & { readonly words: string })[] {
  const held = messages.filter(({ message }) => guard.inspect([message]).verdict !== "allow");
  // What a second opinion objects to, the guard allows.
  return (held.length === 0 ? messages : held).flatMap(({ conversationId, message }) => {
    const parts = messageParts(message);
    const doubted = parts.filter(
      ({ segment, words }) => inspectOne(guard, words, segment).verdict !== "allow",
    );
    return (doubted.length === 0 ? parts.slice(0, 1) : doubted).map(({ segment, words }) => ({
      conversationId,
      messageKey: message.key,
      judged: judgedDigest(message),
      segment,
      lang: guard.languageOf([message]) ?? "",
      words: words.slice(0, WORDS_MAX).toWellFormed(),
    }));
  });
}

function messageParts({
  subject,
  text,
  segments,
}: Message): readonly { readonly segment: TextPlace; readonly words: string }[] {
  const body = subject === "" ? text : `${subject}\n\n${text}`;
  return [
    { segment: "body", words: body },
    ...segments.map(({ kind, text: words }) => ({ segment: kind, words })),
  ];
}
