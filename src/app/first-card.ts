/** Chooses what the first card is about: an untaken ticket, otherwise a mail or a chat message of our own. */

import { showFirstCard, type CardSubject } from "#jobs/first-card.ts";
import { waitingTickets } from "#zendesk/read/solved-tickets.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ComposedApp } from "./composed-app.ts";

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
