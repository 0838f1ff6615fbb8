/** Cases as they are stored, for tests of the console's pages. */
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import { addFile, messageFiles } from "#store/inbox/attachments.ts";
import { insertApproval } from "#store/approvals/approvals.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { eq } from "#store/db/drizzle.ts";
import { approval, conversation, message, messageContent } from "#store/db/schema.ts";
import { aroundOf, KNOWN, refundCard } from "#test/slack/cards/card-samples.ts";
import { saveTrace } from "#test/support/stored-rows.ts";

/** One case: a customer's mail, the turn about it, and its card. */
export interface Case {
  readonly id: string;
  readonly at: Date;
  readonly text?: string;
  readonly subject?: string;
  readonly author?: string;
  readonly card?: Partial<Card>;
  readonly kind?: "proposal" | "notice" | "blocked";
  readonly state?: "pending" | "approved" | "rejected" | "void";
  readonly undoUntil?: Date;
  readonly topic?: string;
  readonly amount?: number;
  readonly owner?: "bot" | "human";
  readonly attachments?: Message["attachments"];
  /** The number of the ticket it is; without it, it is a mail. */
  readonly ticket?: string;
}

/** Stores a case under `c_ID`, `t_ID`, `a_ID`, as a turn would. */
export async function addCase(store: Store, given: Case): Promise<void> {
  const { id, at, owner = "bot", subject = "My headphones broke" } = given;
  const conversationId = `c_${id}`;
  await store.run(async (transaction) => {
    await transaction.insert(conversation).values({
      id: conversationId,
      channel: given.ticket === undefined ? "email" : "zendesk",
      externalId: given.ticket ?? `ext-${id}`,
      subject,
      owner,
      ownerReason: owner === "human" ? "handed to people: the customer asks for a person" : "",
      handedOverAt: owner === "human" ? at : null,
      createdAt: at,
      updatedAt: at,
    });
    const [row] = await transaction
      .insert(message)
      .values({
        key: `m-${id}`,
        conversationId,
        authorKind: "requester",
        authorId: `email:${given.author ?? "ann@customer.test"}`,
        visibility: "public",
        textDigest: id,
        sentAt: at,
        receivedAt: at,
        turnId: `t_${id}`,
      })
      .returning({ id: message.id });
    await transaction
      .insert(messageContent)
      .values({ messageId: row?.id ?? 0, content: messageOf(given) });
    await saveTrace(transaction, traceOf(given));
    if (owner === "bot") await addCard(transaction, given);
  });
}

/** Keeps a file that calls itself a picture unless said otherwise, with the mail of the case under `c_ID`. */
export async function addPicture(
  { store, blobs }: { readonly store: Store; readonly blobs: Blobs },
  caseId: string,
  given: {
    readonly id: string;
    readonly bytes: Buffer;
    readonly at: Date;
    readonly name?: string;
    readonly mediaType?: string;
    /** Why it is not kept. */
    readonly refused?: string;
  },
): Promise<void> {
  const { id, bytes, at, name = `${id}.png`, mediaType = "image/png", refused } = given;
  const kept: Parameters<typeof addFile>[2] =
    refused === undefined
      ? { state: "kept", blobRef: await blobs.put(bytes), bytes: bytes.length }
      : { state: "refused", reason: refused };
  const file = {
    id,
    conversationId: `c_${caseId}`,
    messageKey: `m-${caseId}`,
    channel: "email" as const,
    ref: id,
    attachment: { name, mediaType, bytes: bytes.length },
  };
  await store.run(async (transaction) => {
    const { length: place } = await messageFiles(transaction, [file.messageKey]);
    await addFile(transaction, { ...file, place }, kept, at);
  });
}

async function addCard(transaction: Transaction, given: Case): Promise<void> {
  const { id, at, kind = "proposal", state = "pending" } = given;
  const minor = given.amount ?? 12_000;
  const reply = { target: "email", operation: "reply", arguments: {} } as const;
  const refund = {
    target: "shop",
    operation: "refund",
    arguments: { orderId: "789", amount: { minor, currency: "USD" }, reason: "broke" },
  } as const;
  await insertApproval(
    transaction,
    {
      id: `a_${id}`,
      conversationId: `c_${id}`,
      turnId: `t_${id}`,
      kind,
      version: 1,
      state,
      proposal: {
        actions: [
          {
            key: `k-${id}`,
            action: minor === 0 ? reply : refund,
            label: "what it does",
            facts: [],
          },
        ],
      },
      seal: "s",
      revision: "r",
      rules: [],
      needs: { count: 1, leads: 0 },
      votes: [],
      expiresAt: new Date(at.getTime() + 86_400_000),
      card: refundCard({
        approvalId: `a_${id}`,
        headline: "Refund 120.00 USD · headphones · Ann Fields",
        requester: {
          name: "Ann Fields",
          address: "ann@customer.test",
          verification: "",
          level: 2,
          standing: "known",
        },
        expiresAt: new Date(at.getTime() + 86_400_000).toISOString(),
        traceId: `t_${id}`,
        asked: messageOf(given).text,
        context: aroundOf({
          since: at.toISOString(),
          records: { ...KNOWN, open: [], openCount: 0, refunded: [...KNOWN.refunded] },
          orders: [
            {
              orderId: "789",
              item: "headphones",
              paid: { minor: 12_000, currency: "USD" },
              paidBy: "card",
              refunded: { minor: 0, currency: "USD" },
              status: "shipped",
              shippedOn: "2026-02-20",
              dueOn: "2026-03-05",
              deliveredOn: null,
              returnSince: null,
            },
          ],
        }),
        ...given.card,
      }),
      answers: [`m-${id}`],
    },
    at,
  );
  if (state === "pending" || kind === "notice") return;
  const { card, undoUntil = null } = given;
  await transaction
    .update(approval)
    .set({ closing: card?.closing ?? "Reply sent · Sam", undoUntil, decidedAt: at })
    .where(eq(approval.id, `a_${id}`));
}

function messageOf({ id, at, author, subject, text, attachments = [] }: Case): Message {
  return {
    key: `m-${id}`,
    author: { kind: "requester", id: `email:${author ?? "ann@customer.test"}`, name: "Ann Fields" },
    visibility: "public",
    subject: subject ?? "My headphones broke",
    text: text ?? "Hello,\n\nmy headphones broke after a week. Please refund order 789.\n\nAnn",
    segments: [],
    attachments,
    sentAt: at.toISOString(),
    identity: { level: 2, method: "dkim", reason: "signed", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
  };
}

function traceOf({ id, at, topic }: Case): TurnTrace {
  const startedAt = at.toISOString();
  const later = (ms: number): string => new Date(at.getTime() + ms).toISOString();
  return {
    request_id: `t_${id}`,
    architecture: "customer-support-agent",
    conversation_id: `c_${id}`,
    channel: "email",
    model: "rehearsal",
    policy_version: "a".repeat(16),
    outcome: "pending",
    outcome_reason: "waits for approval",
    identity_level: 2,
    identity_reason: "DKIM signature of customer.test",
    guard: { verdict: "allow", reasons: [] },
    topic: topic ?? "refund",
    confidence: 0.9,
    tools_called: ["get_order_status"],
    decisions: [],
    approval_required: true,
    approval_granted: null,
    escalated_to_human: false,
    steps: 2,
    output_tokens: 120,
    input_tokens: 900,
    latency_ms: 420,
    cost_usd: 0.0123,
    started_at: startedAt,
    spans: [
      {
        name: "chat rehearsal",
        startedAt,
        durationMs: 230,
        attributes: { "gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 120 },
      },
      {
        name: "execute_tool get_order_status",
        startedAt: later(240),
        durationMs: 13,
        attributes: { "deskhand.arguments": '{"order_id":"789"}' },
      },
    ],
  };
}
