/**
 * Room: Deskhand as tools of an assistant, by the Model Context Protocol (modelcontextprotocol.io).
 * In: calls over HTTP with a teammate's token.
 * Out: what the API answers, as data in one marked block; edits, instructions and notes, which people decide on.
 * May touch: the database by way of the API's operations and the desk's handler. It decides and sends nothing.
 * This file: the tools. Each that reads is an operation of the API; each that proposes presses a card's own button or
 * leaves a note.
 */

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { unmark } from "#agent/data-marking.ts";
import { type DeskDecision, INSTRUCTION_MAX } from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import { invalidInput } from "#core/values/errors.ts";
import { ERASED } from "#core/values/message.ts";
import { type Call, operation, type Operation } from "#server/api/operation.ts";
import { OPERATIONS } from "#server/api/routes.ts";
import { saveNote, type WrittenNote } from "#server/console/case/card.ts";
import type { Caller } from "#server/console/session.ts";
import { notFound } from "#server/http/problem.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { cardsOfConversations, messagesOfCase, NOTE_MAX } from "#store/console/case.ts";
import { caseStates } from "#store/conversations/conversations.ts";
import { seenText } from "#text/normalize.ts";

const REPLY_MAX = 8_000;
/** Fewer seconds than an answer may take. */
const LOOKS_MAX = 18;
const BY_A_PERSON = "Nothing is sent or done: a person decides.";

/** A text of an assistant, without marks that it copied from what it read, and without what people do not see. */
const words = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) => seenText(unmark(text)))
    .pipe(z.string().trim().min(1));
const Version = z.int().min(1);
const Waits = Version.optional().describe(
  "of the case's card that waits; left out where none does",
);

function reading(name: string, operationName: string): Operation {
  const found = OPERATIONS.find((one) => one.name === operationName);
  return { ...(found ?? assert.fail(`the API has no ${operationName}`)), name };
}

/** What proposes is no operation of the API: it is told in other words, and needs no key. */
const PROPOSAL = {
  method: "post",
  path: "{case}",
  scope: "assistant",
  answer: z.looseObject({}),
} as const;

/** All tools, in the order in which they are listed; a `get` changes nothing. */
export const TOOLS: readonly Operation[] = [
  reading("list_waiting", "listCases"),
  reading("read_case", "readCase"),
  reading("explain_decision", "explainCard"),
  reading("search_help", "searchPages"),
  reading("report", "readWeek"),
  operation({
    ...PROPOSAL,
    name: "draft_reply",
    summary: `Proposes the reply to the customer. On a card that waits it takes the place of the draft, greeting and signature included, and approvals lapse; where no card waits it stands beside the team's answer box, which adds both. ${BY_A_PERSON}`,
    sent: z.strictObject({ version: Waits, text: words(REPLY_MAX) }),
    async work(call, { version, text }) {
      const { card, isClosed } = await openCase(call);
      if (card !== null)
        return press(call, card, version, { button: "edit", edit: { text, amount: null } });
      if (version !== undefined)
        throw invalidInput("no card waits in this case any more: read it, and name no version");
      if (isClosed) throw invalidInput("this case is closed, so no answer is proposed in it");
      return writeNote(call, { text, assistant: "answer" });
    },
  }),
  operation({
    ...PROPOSAL,
    name: "propose_action",
    summary: `Tells Deskhand's own agent what to do differently on a card that waits, such as “refund 20 USD of order 789”. It looks that up and makes the card's next version, by records and policy. ${BY_A_PERSON}`,
    sent: z.strictObject({ version: Waits, wish: words(INSTRUCTION_MAX) }),
    async work(call, { version, wish }) {
      const { card } = await openCase(call);
      const { guard, cardLink } = call.options.parts;
      if (card === null)
        throw invalidInput(
          `no card waits in this case, so there is nothing to make anew. Propose words with draft_reply, or ask a person to act in the console: ${cardLink(call.id)}`,
        );
      if (guard.inspectText(wish, "an assistant", false).verdict === "block")
        throw invalidInput("wish: the guard found instructions to programs in it");
      return press(call, card, version, { button: "redo", edit: null, hint: wish });
    },
  }),
  operation({
    ...PROPOSAL,
    name: "add_note",
    summary: "Adds a note to the case, for the team alone: no customer sees it.",
    sent: z.strictObject({ text: words(NOTE_MAX) }),
    async work(call, { text }) {
      await openCase(call);
      return writeNote(call, { text, assistant: "note" });
    },
  }),
  operation({
    ...PROPOSAL,
    method: "get",
    path: "{card}",
    name: "wait_for_decision",
    summary:
      "Answers once this version of a card is decided, changed or over, or after some seconds that it still waits: call it again then.",
    sent: z.strictObject({ version: Version }),
    async work(call, { version: shown }) {
      const { token } = call.bearer;
      const others = WAITING.get(token.id) ?? 0;
      const looksMax = others < WAITS_MAX ? LOOKS_MAX : 1;
      WAITING.set(token.id, others + 1);
      try {
        return await decisionOn(call, shown, looksMax);
      } finally {
        WAITING.set(token.id, (WAITING.get(token.id) ?? 1) - 1);
      }
    },
  }),
];

/** So many calls of one token wait at a time; the others are answered at once. */
const WAITS_MAX = 5;
const WAITING = new Map<string, number>();

/** What became of this version of a card, at the latest after so many looks. */
async function decisionOn({ run, signal, id }: Call, shown: number, looksMax: number) {
  for (let looks = 1; ; looks += 1) {
    const approval = await run(loadApproval, id);
    if (approval === null) throw invalidInput("there is no such card");
    const { state, version, closing } = approval;
    const isOver = state !== "pending" || version !== shown || signal?.aborted === true;
    if (isOver || looks >= looksMax) return { version, state, closing };
    await delay(1_000, undefined, signal && { signal }).catch(() => undefined);
  }
}

/** The card that waits in this conversation, if one does. Throws for no case, and for one that was erased. */
async function openCase({ run, now, id }: Call) {
  return run(async (transaction) => {
    const page = { before: null, most: 1 };
    const [newest] = (await messagesOfCase(transaction, [id], page)).messages;
    if (newest === undefined || newest.message.ignore === ERASED)
      throw invalidInput("there is no such case, or it is not kept any more");
    const [card] = await cardsOfConversations(transaction, [id], 1);
    return {
      card: card?.state === "pending" ? card : null,
      isClosed: (await caseStates(transaction, [id], now)).get(id)?.kind === "closed",
    };
  });
}

/** Whose assistant calls, under a name that says so. */
function assistantIn({ bearer }: Call) {
  if (bearer.kind === "machine") throw notFound();
  const { teammate } = bearer;
  return { ...teammate, name: `${teammate.name}'s assistant`, assistant: true as const };
}

/** Presses a button of the card by the one way of all decisions, in the name of the assistant. */
async function press(
  call: Call,
  { id, version: waits }: Approval,
  version: number | undefined,
  pressed: Pick<DeskDecision, "button" | "hint" | "edit">,
) {
  const { handler, parts } = call.options;
  if (version === undefined)
    throw invalidInput(`version: card ${id} waits as version ${waits}; name the one that you read`);
  const by = { decisionId: `mcp:${call.seed}`, teammate: assistantIn(call) };
  const about = { ...by, approvalId: id, version, reason: "" };
  const { accepted, message } = await handler.decide({ ...about, ...pressed });
  if (!accepted) throw invalidInput(message);
  return { card: id, version: version + 1, url: parts.cardLink(id), next: BY_A_PERSON };
}

/** Writes a note; the same one sent again is one. */
async function writeNote(call: Call, written: Pick<WrittenNote, "text" | "assistant">) {
  const { parts } = call.options;
  const teammate = assistantIn(call);
  const audit: Caller["audit"] = async (transaction, kind, done) => {
    const data = { ...done, by: await parts.pseudonym(transaction, teammate.email) };
    await appendAudit(transaction, { kind, data }, call.now);
  };
  const note = { ...written, conversationId: call.id, clickId: digest(written) };
  await saveNote({ ...call, ...teammate, audit }, note);
  return { url: parts.cardLink(call.id), next: BY_A_PERSON };
}
