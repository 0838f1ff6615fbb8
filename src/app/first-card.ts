/** Shows the team a first card: about an untaken ticket, otherwise about a sample by mail or chat that Deskhand wrote itself. */

import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import { hasPostedCard } from "#store/approvals/card-posting.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { intake } from "#jobs/intake.ts";
import type { ComposedApp } from "./composed-app.ts";
import { waitingTickets } from "#zendesk/read/read-ticket.ts";

/** More tries would keep a person waiting for minutes. */
const TICKETS_TRIED = 2;

const SUBJECT = "[Sample] Where is my order?";
const TEXT = `(A sample that Deskhand wrote itself. No customer waits for an answer.)

Hello,

where is my order 1001? It should have arrived last week.

Kind regards
Sample Customer
`;

/** Posts a first card, and returns a sentence about it. Throws where no card came up. */
export async function firstCard(parts: ComposedApp): Promise<string> {
  const tickets = await ticketSubjects(parts);
  const shown = await showFirstCard(parts, [...tickets, sampleSubject(parts)]);
  return `A first card is in the channel for cards. It is about ${shown}; nothing was sent to a customer.`;
}

async function ticketSubjects({
  channels,
  connections,
}: ComposedApp): Promise<readonly CardSubject[]> {
  const channel = channels.get("zendesk");
  if (channel === undefined || connections.zendesk === null) return [];
  const tickets = await waitingTickets(connections.zendesk);
  return tickets
    .slice(0, TICKETS_TRIED)
    .map(({ id, delivery }) => ({ name: `ticket ${id}`, channel, delivery }));
}

/** By mail where a mailbox is connected, otherwise by chat, which every installation has. */
function sampleSubject({ channels, connections, ids, clock }: ComposedApp): CardSubject {
  const mail = channels.get("email");
  const [inbox] = connections.email?.inboxes ?? [];
  const name = "a sample that Deskhand wrote itself";
  const id = ids.next("sample");
  const receivedAt = clock.now();
  if (mail !== undefined && inbox !== undefined) {
    const body = new TextEncoder().encode(sampleMail(inbox.address, id, receivedAt));
    return { name, channel: mail, delivery: { source: "imap", headers: {}, body, receivedAt } };
  }
  const channel = channels.get("chat");
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", "no channel is there for a sample");
  const message = {
    id,
    conversation: id,
    userId: "Sample Customer",
    text: `${SUBJECT}\n\n${TEXT}`,
  };
  const body = new TextEncoder().encode(JSON.stringify(message));
  return { name, channel, delivery: { source: "http", headers: {}, body, receivedAt } };
}

/** A mail as its sender's provider would have handed it over, unsigned. The address is one that cannot exist. */
function sampleMail(to: string, id: string, at: Date): string {
  return [
    "From: Sample Customer <sample.customer@example.com>",
    `To: ${to}`,
    `Subject: ${SUBJECT}`,
    `Message-ID: <${id}@example.com>`,
    `Date: ${at.toUTCString().replace("GMT", "+0000")}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 7bit",
    "",
    TEXT.replaceAll("\n", "\r\n"),
  ].join("\r\n");
}

/** A conversation a first card may be about. */
interface CardSubject {
  /** Named in the answer, such as "ticket 4711". */
  readonly name: string;
  readonly channel: Channel;
  readonly delivery: Delivery;
}

/** A turn with a model takes seconds; a subject without a card by then went to people in another way. */
const CARD_MS_MAX = 25_000;
const LOOK_MS = 250;

/**
 * Takes the subjects in, one after another, until a card about one of them is on the desk, and returns its name. Throws
 * `channel.unavailable`, with the last conversation and what came of it, when there is none. Refused on a channel that does more than shadow: a sample must never be answered, and a real
 * conversation is answered in its own time.
 */
async function showFirstCard(
  context: JobContext,
  subjects: readonly CardSubject[],
): Promise<string> {
  let tried: readonly string[] = [];
  for (const { channel, delivery, name } of subjects) {
    requireShadow(context, channel);
    const { conversationIds } = await intake(context, channel, delivery);
    if (await isPosted(context, conversationIds)) return name;
    tried = conversationIds;
  }
  const id = tried[0] ?? "";
  throw new DeskhandError(
    "channel.unavailable",
    `no card came up within the time: ${await whatCame(context, id)}; \`deskhand trace ${id}\` shows all of it`,
  );
}

/** What the newest turn ended with. */
async function whatCame({ store }: JobContext, conversationId: string): Promise<string> {
  const [turn] = await store.run(findTurns, conversationId);
  if (turn === undefined) return "its turn has not ended, and `deskhand doctor` says what is away";
  return turn.outcome_reason === "" ? turn.outcome : turn.outcome_reason;
}

function requireShadow({ policy }: JobContext, { name }: Channel): void {
  const sending = ["", ...policy.topics].some(
    (topic) => policy.replyAutonomy(name, topic) !== "shadow",
  );
  if (sending)
    throw invalidConfig(
      `${name} does more than shadow, so a first card could be answered. Real messages show cards there.`,
    );
}

async function isPosted(
  { store }: JobContext,
  conversationIds: readonly string[],
): Promise<boolean> {
  const end = performance.now() + CARD_MS_MAX;
  while (performance.now() < end) {
    if (await store.run(hasPostedCard, conversationIds)) return true;
    await delay(LOOK_MS);
  }
  return false;
}
