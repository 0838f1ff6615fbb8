/**
 * Room: Privacy: erasing people on request and removing old data.
 * In: a person with their conversations, or the cut-off dates of retention.
 * Out: erasure steps, retention rules, lists of erasures, files to delete.
 * May touch: the database inside the caller's transaction; callers delete the files.
 * This file: the steps that erase a person from one conversation.
 */
import {
  and,
  eq,
  gte,
  inArray,
  isNull,
  ne,
  notInArray,
  or,
  sql,
  type PgColumn,
  type SQL,
} from "#store/db/drizzle.ts";
import { ERASED } from "#core/values/message.ts";
import { OF_ONE_CONVERSATION } from "./retention.ts";
import {
  clearApprovals,
  clearEffects,
  clearFiles,
  clearHints,
  clearMessages,
  type ClearRows,
  clearSignals,
  clearTurns,
  withoutFiles,
} from "./clear-rows.ts";
import type { Transaction } from "#store/db/database.ts";
import { upTo } from "#store/db/statement.ts";
import {
  erasedName,
  authorsNamed,
  personMarks,
  valuesOfKinds,
} from "#store/people/person-names.ts";
import { isBy, type Person, type TraceLocation } from "#store/people/find-person.ts";
import { holds, renameMessages, renamingSteps, type ErasureStep } from "./replace-names.ts";
import {
  approval,
  attachment,
  caseCustomer,
  caseMember,
  challenge,
  challengeTry,
  conversation,
  conversationKey,
  deadLetter,
  deskDecision,
  effect,
  hint,
  message,
  signal,
  transcript,
  turn,
} from "#store/db/schema.ts";

/** The text of an erased person's card, on the desk as well. */
const ERASED_CARD = "Erased: this customer's data was removed.";

/**
 * The steps that erase a person from one conversation, run in this order, each until none are left. The last steps
 * erase what identifies the person, so an interrupted erasure is completed by requesting it again.
 */
export function stepsFor(person: Person, place: TraceLocation): readonly ErasureStep[] {
  // Patterns that find this person in keys of threads, chats and events. Where they came back to, these are in use.
  const marks = place.until === null ? [...new Set(person.names.flatMap(personMarks))] : [];
  return [
    clearing(clearHints, hintsIn(place)),
    // Before the messages, which identify the owner of a file where other people write too.
    clearing(clearFiles, filesIn(person, place)),
    clearing(clearTurns, and(isNull(turn.clearedAt), inPlace(place, turn, turn.startedAt))),
    // A card cleared by retention may still be on the desk in full, so it is cleared again.
    clearing(
      clearApprovals({ closing: ERASED_CARD, onDesk: true }),
      and(
        ne(approval.closing, ERASED_CARD),
        inPlace({ ...place, until: null }, approval, approval.updatedAt),
        upTo(approval.createdAt, place.until),
      ),
    ),
    clearing(
      clearEffects,
      and(
        isNull(effect.clearedAt),
        // An effect that just began still needs its text; a repeated erasure finds it settled.
        notInArray(effect.state, ["intended", "executing"]),
        inPlace(place, effect, effect.createdAt),
      ),
    ),
    // With the texts above gone, nothing of it can be tried again; its reason may quote an address.
    deleting(deadLetter, lettersIn(person, place)),
    clearing(clearSignals, and(isNull(signal.clearedAt), inPlace(place, signal, signal.at))),
    ...renamingSteps(place.conversationId, marks),
    conversationRowStep(place, person, marks),
    clearing(clearMessages({ forgetsAuthors: true }), messagesIn(person, place)),
    renameMessages(place.conversationId, marks),
    deleting(
      conversationKey,
      and(
        eq(conversationKey.conversationId, place.conversationId),
        holds(sql`${conversationKey.key}`, marks),
      ),
    ),
  ];
}

function clearing(clear: ClearRows, which: SQL | undefined): ErasureStep {
  return (transaction, now) => clear(transaction, which, now);
}

function deleting(
  table: typeof deadLetter | typeof conversationKey,
  which: SQL | undefined,
): ErasureStep {
  return async (transaction) => {
    await transaction.delete(table).where(which);
    return withoutFiles(0);
  };
}

/** Rows of this place, by the moment in their column: all of them, or those of the time the person wrote there. */
export function inPlace(
  place: TraceLocation,
  { conversationId: id }: { readonly conversationId: PgColumn },
  at: PgColumn,
): SQL | undefined {
  return and(eq(id, place.conversationId), inTime(place, at));
}

function inTime({ since, until }: TraceLocation, at: PgColumn): SQL | undefined {
  return and(since === null ? undefined : gte(at, since), upTo(at, until));
}

/** Where others write too, a letter stays while its effect has its text, or a delivery or message in it may be theirs. */
function lettersIn(person: Person, place: TraceLocation): SQL | undefined {
  const { effects, hints, messages } = deadLetter;
  const isOfOthers = sql`jsonb_array_length(${hints}) > 0 or exists (select 1 from ${message}
    where ${message.conversationId} = ${place.conversationId} and ${messages} @> to_jsonb(${message.key}) and not coalesce(${isBy(person.names, place.until)}, false))`;
  const isWithoutText = sql`exists (select 1 from ${effect}
    where ${effect.conversationId} = ${place.conversationId} and ${effects} @> to_jsonb(${effect.key}) and ${effect.clearedAt} is not null)`;
  return and(
    inPlace(place, deadLetter, deadLetter.at),
    place.since === null
      ? undefined
      : sql`case when ${effects} = '[]' then not (${isOfOthers}) else ${isWithoutText} end`,
  );
}

/** Read deliveries are no longer needed; unread ones are known to be theirs only when no other person writes there. */
function hintsIn({ conversationId, since, until }: TraceLocation): SQL | undefined {
  return and(
    eq(hint.conversationId, conversationId),
    or(isNull(hint.clearedAt), sql`${hint.bodyRef} is not null`),
    since === null ? undefined : eq(hint.state, "read"),
    upTo(hint.receivedAt, until),
  );
}

function filesIn(person: Person, { conversationId, since, until }: TraceLocation): SQL | undefined {
  return and(
    eq(attachment.conversationId, conversationId),
    or(
      isNull(attachment.clearedAt),
      sql`${attachment.blobRef} is not null`,
      ne(attachment.description, ""),
    ),
    since === null
      ? undefined
      : sql`${attachment.messageKey} in (select ${message.key} from ${message} where ${and(isRequester(), isBy(person.names, until))})`,
  );
}

function messagesIn(person: Person, place: TraceLocation): SQL | undefined {
  const { since, until } = place;
  const mine =
    since === null
      ? or(isNull(message.clearedAt), and(isRequester(), ne(message.authorId, ERASED)))
      : or(
          and(isRequester(), isBy(person.names, until)),
          and(
            isNull(message.clearedAt),
            eq(message.authorKind, "bot"),
            inPlace(place, message, message.receivedAt),
          ),
        );
  return and(eq(message.conversationId, place.conversationId), mine);
}

function isRequester(): SQL {
  return eq(message.authorKind, "requester");
}

/** The conversation's own row and the rows attached to it. */
function conversationRowStep(
  place: TraceLocation,
  person: Person,
  marks: readonly string[],
): ErasureStep {
  const { conversationId, since } = place;
  return async (transaction) => {
    await forgetCase(transaction, place, person);
    for (const [, table, at] of OF_ONE_CONVERSATION)
      await transaction.delete(table).where(inPlace(place, table, at));
    const keys = transaction
      .select({ key: conversationKey.key })
      .from(conversationKey)
      .where(eq(conversationKey.conversationId, conversationId));
    await transaction
      .delete(transcript)
      .where(and(inArray(transcript.conversationId, keys), inTime(place, transcript.at)));
    await transaction
      .update(deskDecision)
      .set({ answer: { accepted: false, message: ERASED, fieldErrors: {} } })
      .where(
        and(
          inTime(place, deskDecision.at),
          or(
            eq(deskDecision.approvalId, conversationId),
            inArray(
              deskDecision.approvalId,
              transaction
                .select({ id: approval.id })
                .from(approval)
                .where(eq(approval.conversationId, conversationId)),
            ),
          ),
        ),
      );
    await forgetChallenges(transaction, place, person);
    await transaction
      .update(conversation)
      .set({
        ownerReason: sql`case when ${conversation.ownerReason} = '' then '' else ${ERASED} end`,
        ownerDelicate: null,
        externalId: sql`case when ${holds(sql`${conversation.externalId}`, marks)} then '' else ${conversation.externalId} end`,
        // Often the first words of the first or latest author.
        subject: "",
        ...(since === null
          ? {
              ownerHolder: null,
              ownerVoter: null,
              retrySince: null,
              wakeAt: null,
              solvedAt: sql`case when ${conversation.owner} = 'human' then coalesce(${conversation.solvedAt}, now()) else ${conversation.solvedAt} end`,
            }
          : {}),
      })
      .where(eq(conversation.id, conversationId));
    return withoutFiles(0);
  };
}

/** Takes the conversation out of the case of the person; where others write too, one of theirs stays. */
async function forgetCase(
  transaction: Transaction,
  { conversationId, since, until }: TraceLocation,
  person: Person,
): Promise<void> {
  const isMember = or(
    inArray(sql`lower(${caseMember.authorId})`, authorsNamed(person.names)),
    inArray(sql`lower(${caseMember.customerId})`, valuesOfKinds(person.names, ["customer"])),
  );
  const members = await transaction
    .delete(caseMember)
    .where(
      and(
        eq(caseMember.conversationId, conversationId),
        since === null ? undefined : isMember,
        upTo(caseMember.writtenAt, until),
      ),
    )
    .returning({ customerId: caseMember.customerId });
  for (const { customerId } of members)
    await transaction.delete(caseCustomer).where(eq(caseCustomer.customerId, customerId));
}

/** Codes count for a day, so the rows stay that long, without the address. */
async function forgetChallenges(
  transaction: Transaction,
  { conversationId, since, until }: TraceLocation,
  person: Person,
): Promise<void> {
  const isTheirs = inArray(sql`lower(${challenge.authorId})`, authorsNamed(person.names));
  const rows = await transaction
    .update(challenge)
    .set({
      emailOnFile: null,
      authorId: ERASED,
      state: sql`case when ${challenge.state} = 'open' then 'dead' else ${challenge.state} end`,
    })
    .where(
      and(
        eq(challenge.conversationId, conversationId),
        since === null ? undefined : isTheirs,
        upTo(challenge.createdAt, until),
      ),
    )
    .returning({ id: challenge.id });
  const { messageKey, challengeId } = challengeTry;
  const ids = rows.map(({ id }) => id);
  const tried = transaction.select({ key: messageKey }).from(challengeTry);
  for (const { key } of await tried.where(inArray(challengeId, ids)))
    await transaction
      .update(challengeTry)
      .set({ messageKey: erasedName(key) })
      .where(eq(messageKey, key));
}
