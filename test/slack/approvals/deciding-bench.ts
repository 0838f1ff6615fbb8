/** The real jobs behind a desk in Slack whose answers a test may change: clicks there decide for real. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { z } from "zod";
import { slack, type SlackOptions } from "#slack/index.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { APPROVAL_CARDS } from "#store/approvals/approval-cards.ts";
import { forgetAllPosts } from "#store/approvals/card-posting.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf } from "#store/db/database.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { eventually, faultySlackProxy, optionsFor, type Fault } from "#test/slack/bench.ts";
import { CHANNELS, TEAM, USERS, type TestSlack } from "#test/slack/local-slack.ts";

/** One desk with people at it. */
export interface Deciding {
  readonly parts: JobContext;
  readonly handler: DeskHandler;
  /** Calls of the Web API, by method. */
  readonly calls: readonly string[];
  /** From now on the Web API answers like this where it is not null. */
  break(fault: Fault): void;
  /** Lets what is remembered of people and groups grow old. */
  later(ms: number): void;
  /** Puts the conversation's card into Slack; returns its message. */
  post(conversationId: string): Promise<string>;
  card(conversationId: string): Promise<Approval>;
  click(user: string, ts: string, button: string): Promise<void>;
  /** Presses Edit and waits for the form. */
  openEdit(context: TestContext, user: string, ts: string): Promise<void>;
  message(ts: string): Promise<SlackMessage>;
  /** What people were told alone, oldest first. */
  whispers(): Promise<readonly string[]>;
  /** Waits until a person was told this. */
  told(context: TestContext, words: RegExp): Promise<void>;
  /** Why clicks were refused, and which counted, as the audit has it. */
  audit(): Promise<readonly string[]>;
  /** The card's message and row are as they were. */
  unchanged(before: Picture): Promise<void>;
  picture(conversationId: string, ts: string): Promise<Picture>;
}

interface Picture {
  readonly ts: string;
  readonly blocks: unknown;
  readonly row: Approval;
}

/** Starts it for one test. */
export async function deciding(
  context: TestContext,
  bench: JobBench,
  server: TestSlack,
  change: Partial<SlackOptions> = {},
): Promise<Deciding> {
  const state = { fault: (() => null) as Fault, lateMs: 0 };
  const proxy = await faultySlackProxy(server.url, (method) => state.fault(method));
  const sides = slack(
    optionsFor(proxy.apiUrl, {
      clock: { now: () => new Date(Date.now() + state.lateMs) },
      groups: () => bench.parts.policy.groups,
      ...change,
    }),
  );
  const parts = atDesk(bench, sides.desk);
  const handler = deskHandler(parts);
  await sides.desk.start(handler);
  context.after(async () => {
    await sides.desk.stop();
    await proxy.close();
  });
  const messages = () => server.people.messages(CHANNELS.approvals);
  const message = async (ts: string): Promise<SlackMessage> => {
    const found = (await messages()).find((one) => one.ts === ts);
    assert.ok(found, "the card is there");
    return found;
  };
  const whispers = async (): Promise<readonly string[]> =>
    (await messages()).filter(({ subtype }) => subtype === "ephemeral").map(shownText);
  const card = async (conversationId: string): Promise<Approval> => {
    const [row] = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ id: z.string() }),
        sql`select id from approval where conversation_id = ${conversationId} order by created_at desc limit 1`,
      ),
    );
    const found = await bench.parts.store.run((transaction) =>
      loadApproval(transaction, row?.id ?? ""),
    );
    assert.ok(found, "there is a card");
    return found;
  };
  const picture = async (conversationId: string, ts: string): Promise<Picture> => ({
    ts,
    blocks: (await message(ts)).blocks,
    row: await card(conversationId),
  });
  return {
    parts,
    handler,
    calls: proxy.calls,
    break: (fault) => void (state.fault = fault),
    later: (ms) => void (state.lateMs += ms),
    async post(conversationId) {
      await bench.parts.store.run((transaction) => forgetAllPosts(transaction, APPROVAL_CARDS));
      await showCards(parts);
      return (await card(conversationId)).posting.deskRef?.split(":")[1] ?? "";
    },
    card,
    click: (user, ts, button) => server.people.click(user, CHANNELS.approvals, ts, button),
    async openEdit(given, user, ts) {
      const before = server.people.view()?.id;
      await server.people.click(user, CHANNELS.approvals, ts, "desk:edit");
      await eventually(given, () => {
        assert.equal(server.people.view()?.callback_id, "desk:edit");
        assert.notEqual(server.people.view()?.id, before);
      });
    },
    message,
    whispers,
    told: (given, words) =>
      eventually(given, async () => assert.match((await whispers()).join("\n"), words)),
    audit: () =>
      bench.parts.store.run(async (transaction) =>
        (
          await rowsOf(
            transaction,
            z.object({ line: z.string() }),
            sql`select coalesce(data ->> 'why', data ->> 'button', kind) as line from audit where kind in ('vote', 'refused', 'edited') order by seq`,
          )
        ).map(({ line }) => line),
      ),
    async unchanged({ ts, blocks, row }) {
      assert.deepEqual((await message(ts)).blocks, blocks);
      assert.deepEqual(await card(row.conversationId), row);
      assert.deepEqual(
        bench.left.filter(({ action }) => action.operation === "refund"),
        [],
      );
    },
    picture,
  };
}

/** The bench's context with this desk, still with the bench's settings, and with a pseudonym for each person. */
export function atDesk(bench: JobBench, desk: JobContext["desk"]): JobContext {
  return {
    ...bench.parts,
    desk,
    get policy() {
      return bench.parts.policy;
    },
    get shop() {
      return bench.parts.shop;
    },
    pseudonym: async (_transaction, person) => `p:${person}`,
  };
}

/** What Slack says of each person it is asked about. */
export function saysOfUsers(change: Record<string, unknown>): ReturnType<Fault> {
  return {
    status: 200,
    body: {
      ok: true,
      user: {
        id: USERS.sam,
        team_id: TEAM,
        real_name: "Sam Ortiz",
        profile: { email: "sam@ourshop.test" },
        ...change,
      },
    },
  };
}

/** Breaks one method and leaves the others alone. */
export function on(method: string, answer: ReturnType<Fault>): Fault {
  return (called) => (called === method ? answer : null);
}

/** The members of every user group. */
export function members(...users: string[]): Fault {
  return on("usergroups.users.list", { status: 200, body: { ok: true, users } });
}
