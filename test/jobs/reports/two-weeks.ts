/** Rows of two weeks whose figures are known by counting them by hand. */
import { sandboxText } from "#test/policy/policy-files.ts";
import { sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { loadPolicy, type LoadedPolicy } from "#policy/load-policy.ts";

/** The sandbox's policy with a calendar of Berlin, where the hours of an early and a late group overlap. */
export function berlinPolicy(
  change: (text: string) => string = (text) => text,
  open = "09:00-17:00",
): LoadedPolicy {
  const week = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    .map((day) => `${day}: "${open}"`)
    .join(", ");
  const hours = (times: string): string =>
    week.replaceAll(open, times) + ", saturday: closed, sunday: closed";
  const text = sandboxText
    .replace("  zone: UTC\n  open: always\n", `  zone: Europe/Berlin\n  open: { ${hours(open)} }\n`)
    .replace(
      "      people: [sam@ourshop.test, lea@ourshop.test]\n",
      `      people: [sam@ourshop.test, lea@ourshop.test]\n      open: { ${hours("09:00-13:00")} }\n` +
        `    - name: late\n      people: [dana@ourshop.test]\n      open: { ${hours("12:00-17:00")} }\n`,
    );
  return loadPolicy(change(text), "berlin.yaml");
}

/** Writes rows as the jobs do, with the moments a test wants. */
export function seeder(transaction: Transaction) {
  const count = { n: 0 };
  const next = (prefix: string): string => `${prefix}${(count.n += 1)}`;

  async function conversation(
    at: string,
    { channel = "email" }: { channel?: string } = {},
  ): Promise<string> {
    const id = next("c");
    await transaction.execute(
      sql`insert into conversation (id, channel, created_at, updated_at)
          values (${id}, ${channel}, ${at}::timestamptz, ${at}::timestamptz)`,
    );
    return id;
  }

  async function message(
    conversationId: string,
    at: string,
    more: {
      author?: string;
      outcome?: string | null;
      outcomeAt?: string;
      sentAt?: string;
      erased?: boolean;
    } = {},
  ): Promise<void> {
    const { author = "requester", outcome = null } = more;
    await transaction.execute(
      sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at,
            received_at, outcome, outcome_at, cleared_at)
          values (${next("m")}, ${conversationId}, ${author}, 'x', 'public', 'x',
            ${more.sentAt ?? at}::timestamptz, ${at}::timestamptz, ${outcome},
            ${outcome === null ? null : (more.outcomeAt ?? at)}::timestamptz,
            ${more.erased === true ? at : null}::timestamptz)`,
    );
  }

  async function turn(
    conversationId: string,
    at: string,
    more: {
      topic?: string;
      costUsd?: number | null;
    } = {},
  ): Promise<string> {
    const id = next("t");
    const trace = {
      outcome: "answered",
      topic: more.topic ?? "faq",
      cost_usd: more.costUsd === undefined ? 0 : more.costUsd,
      steps: 1,
      output_tokens: 1,
      latency_ms: 1,
      spans: [],
    };
    await transaction.execute(
      sql`insert into turn (id, conversation_id, started_at, outcome, trace)
          values (${id}, ${conversationId}, ${at}::timestamptz, ${trace.outcome}, ${JSON.stringify(trace)}::jsonb)`,
    );
    return id;
  }

  async function card(
    turnId: string,
    conversationId: string,
    times: { readonly asked: string; readonly decided: string | null },
    more: {
      state?: string;
      edited?: boolean;
      kind?: string;
      operation?: string;
      updated?: string;
    } = {},
  ): Promise<string> {
    const proposal = { actions: [{ action: { operation: more.operation ?? "reply" } }] };
    const id = next("a");
    await transaction.execute(
      sql`insert into approval (id, conversation_id, turn_id, kind, state, seal, revision, rules, needs, expires_at,
            card, proposal, created_at, updated_at, asked_at, decided_at, edited)
          values (${id}, ${conversationId}, ${turnId}, ${more.kind ?? "proposal"}, ${more.state ?? "approved"}, 's', 'r',
            '[]'::jsonb, '{"count":1,"leads":0}'::jsonb, ${times.asked}::timestamptz, '{}'::jsonb,
            ${JSON.stringify(proposal)}::jsonb,
            ${times.asked}::timestamptz, ${more.updated ?? times.decided ?? times.asked}::timestamptz,
            ${times.asked}::timestamptz, ${times.decided}::timestamptz, ${more.edited ?? false})`,
    );
    return id;
  }

  async function effect(
    conversationId: string,
    at: string,
    more: {
      operation?: string;
      by?: string;
      state?: string;
      minor?: number;
      currency?: string;
    } = {},
  ): Promise<void> {
    const action = {
      target: "shop",
      operation: more.operation ?? "refund",
      arguments: {
        orderId: "789",
        amount: { minor: more.minor ?? 100, currency: more.currency ?? "USD" },
        reason: "broke",
      },
    };
    await transaction.execute(
      sql`insert into effect (key, conversation_id, bundle, position, target, operation, action, request_digest,
            facts, approved_by, state, not_before, created_at, finished_at)
          values (${next("e")}, ${conversationId}, 'b', 0, 'shop', ${action.operation},
            ${JSON.stringify(action)}::jsonb, 'd', '[]'::jsonb, ${more.by ?? "policy"}, ${more.state ?? "done"},
            ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz)`,
    );
  }

  async function signal(
    conversationId: string,
    at: string,
    payload: Readonly<Record<string, string | boolean>>,
  ): Promise<void> {
    await transaction.execute(
      sql`insert into signal (key, conversation_id, payload, at)
          values (${next("s")}, ${conversationId}, ${JSON.stringify(payload)}::jsonb, ${at}::timestamptz)`,
    );
  }

  async function matter(
    conversationId: string,
    at: string,
    kind: "confirmed" | "durable" | "assumed" | "handed_off" | "abandoned",
  ): Promise<void> {
    await transaction.execute(
      sql`insert into resolution (conversation_id, kind, ended_at, cost_usd)
          values (${conversationId}, ${kind}, ${at}::timestamptz, 0.01)`,
    );
  }

  return { conversation, message, turn, card, effect, signal, matter };
}
export type Seeder = ReturnType<typeof seeder>;
