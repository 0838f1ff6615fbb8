/** Reads what the other sides of one Deskhand show: mailboxes, chats, tickets and the shop. */
import { ImapFlow } from "imapflow";
import { z } from "zod";
import type { SandboxMail } from "#sandbox/mail/index.ts";
import { ORDERS, SUPPORT_ADDRESS } from "#sandbox/world.ts";
import type { Deskhand } from "#test/support/deskhand.ts";
import type { Mail } from "#test/support/response-shapes.ts";
import type { ExternalState, OrderChange, Refund, Sent, Shown } from "./evidence.ts";
import type { Messages } from "./messages.ts";

/** Reads every channel that messages came from. */
export async function readExternalState(
  deskhand: Deskhand,
  messages: Messages,
): Promise<ExternalState> {
  const sent = messages.sent();
  const places = (channel: Sent["channel"]): readonly string[] => [
    ...new Set(sent.filter((one) => one.channel === channel).map((one) => one.conversation)),
  ];
  const tickets: (readonly Shown[])[] = [];
  for (const place of places("zendesk")) tickets.push(await ticketOf(deskhand, place));
  const mails = places("email").length === 0 ? [] : await mailsOf(deskhand);
  return {
    sent,
    shown: [...mails, ...(await messages.shownInChats()), ...tickets.flat()],
    refunds: await refundsOf(deskhand),
    wanted: messages.wanted,
    changes: await changesOf(deskhand),
    wantedChanges: messages.wantedChanges,
  };
}

const MailHeaders = z.looseObject({ "in-reply-to": z.string().optional() });

/** Every sample customer's mailbox, so that a mail to the wrong one shows as well. */
async function mailsOf(deskhand: Deskhand): Promise<readonly Shown[]> {
  const boxes = await Promise.all(
    ["ann@customer.test", "bob@elsewhere.test", "cara@customer.test"].map((address) =>
      deskhand.mailbox(address),
    ),
  );
  return mailsShown(boxes.flat());
}

/** Our mails in the customers' mailboxes. */
export function mailsShown(mails: readonly Mail[]): readonly Shown[] {
  return mails
    .filter(({ from }) => from === SUPPORT_ADDRESS)
    .map((mail) => {
      const answered = MailHeaders.parse(mail.headers)["in-reply-to"] ?? null;
      return {
        channel: "email",
        conversation: mail.subject.replace(/^(?:Re: )+/, ""),
        id: bare(mail.messageId),
        inReplyTo: answered === null ? null : bare(answered),
        text: mail.text,
      };
    });
}

/** A Message-ID without its brackets. */
export function bare(messageId: string): string {
  return messageId.trim().replace(/^<|>$/g, "");
}

const Me = z.looseObject({ user: z.looseObject({ id: z.int() }) });
const Comments = z.looseObject({
  comments: z.array(
    z.looseObject({
      id: z.int(),
      body: z.string(),
      public: z.boolean(),
      author_id: z.int(),
    }),
  ),
});

async function ticketOf(deskhand: Deskhand, place: string): Promise<readonly Shown[]> {
  const bot = Me.parse(await deskhand.zendesk("bot", "/users/me.json")).user.id;
  const { comments } = Comments.parse(
    await deskhand.zendesk("admin", `/tickets/${place}/comments.json`),
  );
  return comments
    .filter((comment) => comment.public && comment.author_id === bot)
    .map(({ id, body }) => ({
      channel: "zendesk",
      conversation: place,
      id: String(id),
      inReplyTo: null,
      text: body,
    }));
}

async function refundsOf(deskhand: Deskhand): Promise<readonly Refund[]> {
  const orders = await Promise.all(ORDERS.map(({ id }) => deskhand.order(id)));
  return orders.flatMap(({ id, refunds }) =>
    refunds.map(({ amount, idempotency_key: key }) => ({ order: id, amount, key })),
  );
}

const Journal = z.array(z.object({ effect: z.string(), details: z.unknown() }));
const Changed = z.object({ order_id: z.string(), idempotency_key: z.string() });

const CHANGES = new Set(["order_cancelled", "return_started", "exchange_started", "invoice_sent"]);

async function changesOf(deskhand: Deskhand): Promise<readonly OrderChange[]> {
  const journal = Journal.parse(await deskhand.shop("/_sandbox/journal"));
  return journal.flatMap(({ effect, details }) => {
    if (!CHANGES.has(effect)) return [];
    const { order_id: order, idempotency_key: key } = Changed.parse(details);
    return [{ what: effect, order, key }];
  });
}

/** Looks into the support mailbox as its owner does. */
export async function inMailbox<Found>(
  { host, port, user, pass }: SandboxMail["imap"],
  work: (client: ImapFlow) => Promise<Found>,
): Promise<Found> {
  const client = new ImapFlow({ host, port, secure: false, auth: { user, pass }, logger: false });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout();
  }
}

/** The variables by which a process finds this mail server. */
export function mailSettings({ imap, smtp, address }: SandboxMail) {
  return {
    IMAP_HOST: imap.host,
    IMAP_PORT: String(imap.port),
    IMAP_USER: imap.user,
    IMAP_PASS: imap.pass,
    SMTP_HOST: smtp.host,
    SMTP_PORT: String(smtp.port),
    SUPPORT_ADDRESS: address,
  };
}
