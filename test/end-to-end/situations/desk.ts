/**
 * Room: a support week as end-to-end tests: each file plays some situations of real desks through the public doors.
 * In: mail over the sandbox's SMTP and page, Zendesk's API, Slack's control API, the chat's HTTP.
 * Out: what customers, teammates and the shop see in the end.
 * May touch: a whole Deskhand with its sandbox, started by each file.
 * This file: the moves that the situations share, on top of what every end-to-end test has.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { z } from "zod";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";
import type { Mail } from "#test/support/response-shapes.ts";
import { until } from "#test/support/waiting.ts";
import { askInHelpCenter } from "#test/support/help-center.ts";

export const ANN = "ann@customer.test";
export const BOB = "bob@elsewhere.test";
export const CARA = "cara@customer.test";

/** The texts of a card without the small numbers that lead to its receipts. */
export function textOf(card: SlackMessage): string {
  return shownText(card).replaceAll(NUMBERS, "");
}

const NUMBERS = /[⁰¹²³⁴-⁹]+/gu;

const Tickets = z.object({
  tickets: z.array(
    z.looseObject({
      id: z.int(),
      subject: z.string(),
      description: z.string(),
      group_id: z.int().nullable(),
      assignee_id: z.int().nullable(),
    }),
  ),
});
/** A ticket of the sandbox's Zendesk. */
type Ticket = z.infer<typeof Tickets>["tickets"][number];

const Comments = z.object({
  comments: z.array(z.looseObject({ body: z.string(), public: z.boolean(), author_id: z.int() })),
});
/** A comment or note of a ticket. */
type Comment = z.infer<typeof Comments>["comments"][number];

const Me = z.looseObject({ user: z.looseObject({ id: z.int() }) });

/** A running Deskhand, and the moves of its customers and teammates. */
export interface Desk {
  readonly deskhand: Deskhand;
  /** The newest card that shows all of these texts, once it is there. */
  card(...words: readonly string[]): Promise<SlackMessage>;
  /** What a card posted before says now. */
  now(card: SlackMessage): Promise<string>;
  /** Cards that somebody can still decide and that show this text. */
  open(words: string): Promise<readonly SlackMessage[]>;
  /** Presses the button that lets the card's proposal happen, whatever it is called there. */
  approve(who: "sam" | "lea" | "ned", card: SlackMessage): Promise<void>;
  /** What the customer got in answer to mails of this subject, oldest first. */
  answers(address: string, subject: string): Promise<readonly Mail[]>;
  /** The first answer to this subject, once it is in the mailbox. */
  answer(address: string, subject: string): Promise<Mail>;
  /** The ticket of this subject, once it is there. */
  ticket(subject: string): Promise<Ticket>;
  tickets(): Promise<readonly Ticket[]>;
  comments(ticket: number): Promise<readonly Comment[]>;
  /** Files a request in Zendesk as Ann, signed in; gives the ticket's number. */
  request(subject: string, body: string): Promise<number>;
  /** Changes a ticket as one of the team. */
  change(who: "dana" | "lee", ticket: number, change: object): Promise<void>;
  idOf(who: "dana" | "bot" | "lee" | "ann"): Promise<number>;
  /** What the shop has paid back on an order, in the order's currency. */
  refunds(order: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** One for the tests of a suite, opened before the first of them and closed after the last. */
export function suiteDesk(policy?: (text: string) => string): () => Desk {
  let desk: Desk | null = null;
  before(async () => {
    desk = await openDesk(policy);
  });
  after(() => desk?.close());
  return () => desk ?? assert.fail("no desk is open");
}

/** Starts one whose approvals can be taken back for a second only; `policy` changes its policy file. */
async function openDesk(policy: (text: string) => string = (text) => text): Promise<Desk> {
  const deskhand = await startDeskhand({ undoSeconds: 1 });
  const file = join(deskhand.folder, "policy.yaml");
  const text = readFileSync(file, "utf8");
  const changed = policy(text);
  if (changed !== text) await applyPolicy(deskhand, file, changed);
  return { ...mailMoves(deskhand), ...cardMoves(deskhand), ...zendeskMoves(deskhand), deskhand };
}

async function applyPolicy(deskhand: Deskhand, file: string, text: string): Promise<void> {
  writeFileSync(file, text);
  await until("the policy is in force", async () =>
    deskhand.output().includes("The policy changed."),
  );
}

type CardMoves = Pick<Desk, "card" | "now" | "open" | "approve" | "refunds" | "close">;

function cardMoves(deskhand: Deskhand): CardMoves {
  return {
    card: (...words) =>
      deskhand.card((shown) => {
        const plain = shown.replaceAll(NUMBERS, "");
        return words.every((one) => plain.includes(one));
      }),
    now: async (card) => {
      const same = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      assert.ok(same, "the card is gone");
      return textOf(same);
    },
    open: async (words) =>
      (await deskhand.cards()).filter(
        (card) => buttonsOf(card).length > 0 && textOf(card).includes(words),
      ),
    approve: (who, card) =>
      deskhand.slack.click(
        deskhand.endpoints.slack?.users[who] ?? "",
        deskhand.endpoints.slack?.approvalsChannel ?? "",
        card.ts,
        "desk:approve",
      ),
    refunds: async (order) => (await deskhand.order(order)).refunds.map(({ amount }) => amount),
    close: () => deskhand.destroy(),
  };
}

type MailMoves = Pick<Desk, "answers" | "answer">;

function mailMoves(deskhand: Deskhand): MailMoves {
  const answers: Desk["answers"] = async (address, subject) =>
    (await deskhand.mailbox(address)).filter((mail) => mail.subject === `Re: ${subject}`);
  return {
    answers,
    answer: (address, subject) =>
      until(`an answer about “${subject}”`, async () => (await answers(address, subject))[0]),
  };
}

type ZendeskMoves = Pick<Desk, "ticket" | "tickets" | "comments" | "request" | "change" | "idOf">;

function zendeskMoves(deskhand: Deskhand): ZendeskMoves {
  const tickets = async () =>
    Tickets.parse(await deskhand.zendesk("admin", "/tickets.json")).tickets;
  return {
    tickets,
    ticket: (subject) =>
      until(`a ticket about “${subject}”`, async () =>
        (await tickets()).find((one) => one.subject.includes(subject)),
      ),
    comments: async (ticket) =>
      Comments.parse(await deskhand.zendesk("admin", `/tickets/${ticket}/comments.json`)).comments,
    request: (subject, body) =>
      askInHelpCenter(deskhand.endpoints.zendesk?.url ?? "", "ann", { subject, body }),
    change: async (who, ticket, change) =>
      void (await deskhand.zendesk(who, `/tickets/${ticket}`, { ticket: change }, "PUT")),
    idOf: async (who) => Me.parse(await deskhand.zendesk(who, "/users/me")).user.id,
  };
}
