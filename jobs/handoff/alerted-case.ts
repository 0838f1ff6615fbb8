/** Reads the case an alert is about, at the moment the alert is posted. */
import { type Action, ReplyArguments } from "#core/values/action.ts";
import { ALERT_WORDS_MAX, type AlertedCase } from "#core/values/alert.ts";
import { quotedExcerpt } from "#core/values/card-text.ts";
import { excerpt } from "#core/values/words.ts";
import { ageText, momentText } from "#core/values/moment.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { repliesSince, type Effect } from "#store/effects/ledger.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { listedJunk } from "#jobs/junk/set-aside.ts";
import { isHelpdesk, ChannelName } from "#core/values/vocabulary.ts";
import { maskOr } from "#core/values/thrown.ts";

type CaseContext = Pick<
  JobContext,
  "store" | "clock" | "policy" | "guard" | "cardLink" | "ticketLink"
>;

const NAME_MAX = 120;
const SUBJECT_MAX = 200;
const TOLD_MAX = 200;
const EXPECTS_MAX = 200;

/** Stands for text that could not be masked. */
const WITHHELD = "[Not shown: it could not be masked.]";

/** The action to carry out: an alert gets the case it is about, or the junk it lists; everything else stays as decided. */
export async function withCase(
  context: CaseContext,
  { key, target, operation, action, conversationId }: Effect,
): Promise<Action> {
  if (target !== "desk" || operation !== "alert") return action;
  return context.store.run(async (transaction) => {
    const junk = await listedJunk(context, transaction, key);
    if (junk.length > 0)
      return {
        ...action,
        arguments: { ...action.arguments, junk: junk.map((one) => ({ ...one })) },
      };
    const about = await alertedCase(context, transaction, conversationId);
    return about === null
      ? action
      : { ...action, arguments: { ...action.arguments, case: { ...about } } };
  });
}

/** The case as an alert shows it; null when nothing of the customer is kept, or there is no customer. */
async function alertedCase(
  context: CaseContext,
  transaction: Transaction,
  conversationId: string,
): Promise<AlertedCase | null> {
  const { clock, policy, guard } = context;
  const head = (await caseHeads(transaction, [conversationId])).get(conversationId);
  if (head === undefined || head.at === null || head.name === "") return null;
  return {
    conversationId,
    name: excerpt(head.name, NAME_MAX),
    subject: excerpt(maskOr(guard, head.subject, WITHHELD), SUBJECT_MAX),
    channel: head.channel,
    since: sinceText(head.at, policy.digest.zone, clock.now()),
    link: caseLink(context, head),
    ...(await whatIsKnown(context, transaction, head)),
  };
}

/**
 * What a teammate has to know before they take a case: the customer's words, what they were told, when they expect an
 * answer, and whether it is free.
 */
async function whatIsKnown(
  context: Pick<CaseContext, "clock" | "policy" | "guard">,
  transaction: Transaction,
  head: CaseHead,
): Promise<Pick<AlertedCase, "words" | "told" | "expects" | "canBeTaken">> {
  const { policy, guard, clock } = context;
  const masked = (text: string): string => maskOr(guard, text, WITHHELD);
  return {
    words: policy.alertsShowWords ? excerpt(masked(head.words), ALERT_WORDS_MAX) : "",
    told: head.at === null ? "" : await toldText(transaction, head, head.at, masked),
    expects: excerpt(expectsText(context, head, clock.now()), EXPECTS_MAX),
    canBeTaken: !head.isSolved && head.holder === null,
  };
}

/** The age is that of the moment of posting, so it is left out for a message that has just come. */
function sinceText(at: Date, zone: string, now: Date): string {
  const age = ageText(at, now);
  return `${momentText(at, zone, now)}${age === "0 min" ? "" : `, ${age} ago`}`;
}

/** The newest text to the customer since they wrote; what has not gone out yet is told apart from what has. */
async function toldText(
  transaction: Transaction,
  { id }: CaseHead,
  since: Date,
  masked: (text: string) => string,
): Promise<string> {
  const reply = (await repliesSince(transaction, id, since)).at(-1);
  const given = reply === undefined ? null : ReplyArguments.safeParse(reply.action.arguments);
  if (reply === undefined || given?.success !== true) return "The customer was told nothing.";
  const text = quotedExcerpt(masked(given.data.text), TOLD_MAX);
  return reply.state === "done" ? `Told the customer: ${text}` : `Not sent yet: ${text}`;
}

/** While the team is closed, the operator's own words name the next opening. */
function expectsText(
  { policy }: Pick<CaseContext, "policy">,
  { remindAt }: CaseHead,
  now: Date,
): string {
  const closed = policy.closedText(now);
  if (closed !== null) return `The team is closed: ${quotedExcerpt(closed, EXPECTS_MAX)}`;
  const reminder =
    remindAt === null
      ? ""
      : ` A reminder comes at ${momentText(remindAt, policy.digest.zone, now)} unless a person takes it.`;
  return `No time was promised.${reminder}`;
}

// Where people find a case: its page in the helpdesk, else in the console.

const NUMBER = /^\d{1,15}$/;

/** The page where the team works on the case: "Ticket #2", else the console. */
function caseLink(
  { ticketLink, cardLink }: Pick<JobContext, "ticketLink" | "cardLink">,
  head: Pick<CaseHead, "id" | "channel" | "externalId" | "linkedChannel" | "linkedExternalId">,
) {
  const ticket = caseTicketNumber(head);
  const url = ticket === null ? null : ticketLink(ticket);
  return url === null
    ? { label: "Console", url: cardLink(head.id) }
    : { label: `Ticket #${ticket}`, url };
}

/** The number of the case's ticket in the helpdesk: its own, or that of the hand-over; null without one. */
function caseTicketNumber({
  channel,
  externalId,
  linkedChannel,
  linkedExternalId,
}: Pick<CaseHead, "channel" | "externalId" | "linkedChannel" | "linkedExternalId">): string | null {
  const places = [
    [channel, externalId],
    [linkedChannel, linkedExternalId],
  ] as const;
  for (const [place, id] of places) {
    const known = ChannelName.safeParse(place);
    if (known.success && isHelpdesk(known.data) && id !== null && NUMBER.test(id)) return id;
  }
  return null;
}
