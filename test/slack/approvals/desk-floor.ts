/** The real jobs with a real Slack as their desk: customers write in memory, the team clicks in the sandbox's Slack. */
import { ALL_ENTRIES } from "#store/audit/pending-entries.ts";
import assert from "node:assert/strict";
import { after, before, beforeEach, type TestContext } from "node:test";
import { z } from "zod";
import { slack } from "#slack/index.ts";
import type { DeskAnswer, DeskDecision, DeskHandler } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { rowsOf } from "#store/db/database.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import { eventually, optionsFor, recordingLog } from "#test/slack/bench.ts";
import { openHome, shownHomes } from "./home-tab.ts";
import { CHANNELS, startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";
import { until } from "#test/support/waiting.ts";
import { slackByRequest } from "#test/slack/transport/requests-bench.ts";

/** How clicks come in: over the socket, or as signed requests. */
export type Way = "socket" | "requests";

/** A click that was decided, and what came of it. */
export interface Decided {
  readonly decision: DeskDecision;
  readonly answer: DeskAnswer;
}

/** A card to click on, and the conversation it is about. */
export interface Asked {
  readonly conversationId: string;
  readonly approvalId: string;
  /** The place of its message in the approvals channel. */
  readonly ts: string;
}

/** What a test has in its hands: the bench, the Slack in front of it, and short words for what people do there. */
export interface Floor {
  readonly bench: JobBench;
  readonly server: TestSlack;
  /** Channel and desk of this test; new for each. */
  readonly sides: ReturnType<typeof slack>;
  /** What the adapter logged in this test. */
  readonly log: readonly string[];
  /** Every decision that was answered in this test, oldest first. */
  readonly decided: readonly Decided[];
  /** The desk's side of a decision; a test may put something in front of it. */
  handler: DeskHandler;
  /** A customer asks, and the card for it is on the desk. */
  ask(options?: Asking): Promise<Asked>;
  /** Listens to clicks; done for each test already, and once more by one that stopped its desk. */
  listen(): Promise<void>;
  click(user: string, asked: Pick<Asked, "ts">, button: string): Promise<void>;
  /** Waits until so many decisions of this test are answered. */
  until(context: TestContext, decisions: number): Promise<void>;
  /** Carries out what was decided, also what could have been taken back for a while. */
  settle(): Promise<void>;
  /** The messages of the approvals channel as all members see them. */
  cards(): Promise<readonly SlackMessage[]>;
  /** The text of the one message of this card. */
  cardText(asked: Pick<Asked, "ts">): Promise<string>;
  openHome(user: string): Promise<void>;
  /** The Home tab a person was shown last, as the JSON of it. */
  home(user: string): Promise<string>;
  /** What was said to one person alone in the approvals channel, oldest first. */
  whispers(): Promise<readonly string[]>;
  approval(approvalId: string): Promise<Approval>;
  /** The audit of one card: what happened, and for refused clicks why. */
  audit(approvalId: string): Promise<readonly string[]>;
}

interface Asking {
  /** `email` unless told: there the effects wait for the time in which they can be taken back. */
  readonly channel?: "email" | "chat";
  readonly thread?: string;
  /** The order that is refunded; 789 unless told. Of two conversations about one only the first gets it. */
  readonly orderId?: string;
  /** In cents; 120.00 unless told, which one teammate may allow. */
  readonly minor?: number;
  readonly needs?: { readonly count: number; readonly leads: number };
}

/** What the customer is written when a card of `ask` is approved. */
export const DRAFT = "We refund your headphones.";

/** Runs tests on a floor where nothing has happened yet, once for each way in. */
export function onFloor(
  name: string,
  body: (floor: Floor, way: Way) => void,
  ways: readonly Way[] = ["socket"],
): void {
  for (const way of ways)
    onDesk(`${name}, by ${way}`, (bench) => {
      const opened: { server?: TestSlack; close?: () => Promise<void> } = {};
      const now: { sides?: ReturnType<typeof slack>; log: string[]; decided: Decided[] } = {
        log: [],
        decided: [],
      };
      const fixed: { sides?: ReturnType<typeof slack> } = {};
      const floor = floorOf(bench, opened, now);
      before(async () => {
        if (way === "socket") {
          const server = await startTestSlack();
          Object.assign(opened, { server, close: () => server.close() });
          return;
        }
        const requested = await slackByRequest();
        fixed.sides = requested.sides;
        Object.assign(opened, { server: requested.server, close: () => requested.close() });
      });
      beforeEach(async (context) => {
        assert.ok("after" in context);
        await floor.server.people.reset();
        const { log, messages } = recordingLog();
        const sides = fixed.sides ?? slack(optionsFor(floor.server.apiUrl, { log }));
        Object.assign(now, { sides, log: messages, decided: [] });
        bench.connectDesk(sides.desk);
        floor.handler = deskHandler(bench.parts);
        await floor.listen();
        context.after(() => sides.desk.stop());
      });
      after(() => opened.close?.());
      body(floor, way);
    });
}

/** The waiting card, once it is on the desk. One that Slack did not take at once is posted by the reconciler. */
export async function posted(bench: JobBench, conversationId: string) {
  const seen: { posting: unknown } = { posting: null };
  return until(
    "a card on the desk",
    async () => {
      const pending = await bench.pending(conversationId);
      seen.posting = pending?.posting;
      const deskRef = pending?.posting.deskRef ?? null;
      if (pending !== null && deskRef !== null) return { ...pending, posting: { deskRef } };
      bench.skip(1_000);
      await bench.tick();
      return null;
    },
    () => JSON.stringify(seen.posting),
  );
}

function floorOf(
  bench: JobBench,
  opened: { readonly server?: TestSlack },
  now: {
    readonly sides?: ReturnType<typeof slack>;
    readonly log: readonly string[];
    readonly decided: Decided[];
  },
): Floor {
  const made = <T>(value: T | undefined): T => {
    assert.ok(value !== undefined, "the floor is not open yet");
    return value;
  };
  const inChannel = () => made(opened.server).people.messages(CHANNELS.approvals);
  const floor: Floor = {
    bench,
    get server() {
      return made(opened.server);
    },
    get sides() {
      return made(now.sides);
    },
    get log() {
      return now.log;
    },
    get decided() {
      return now.decided;
    },
    handler: deskHandler(bench.parts),
    listen: () =>
      floor.sides.desk.start({
        decide: async (decision) => {
          const answer = await floor.handler.decide(decision);
          now.decided.push({ decision, answer });
          return answer;
        },
        cardGone: (ref) => floor.handler.cardGone(ref),
        editForm: (...given) => floor.handler.editForm(...given),
        check: (...given) => floor.handler.check(...given),
        explain: (...given) => floor.handler.explain(...given),
        command: (command) => floor.handler.command(command),
        overview: (teammate) => floor.handler.overview(teammate),
      }),
    async ask({ channel = "email", thread = "t1", minor = 12_000, ...refund } = {}) {
      bench.answer(() =>
        replying(DRAFT, {
          actions: [refundOf(minor, refund)],
        }),
      );
      const about = refund.orderId === undefined ? "They broke." : `Order ${refund.orderId} broke.`;
      const conversationId = await bench.write(about, { channel, thread });
      const pending = await posted(bench, conversationId);
      const [, ts = ""] = pending.posting.deskRef.split(":");
      return { conversationId, approvalId: pending.id, ts };
    },
    click: (user, { ts }, button) =>
      made(opened.server).people.click(user, CHANNELS.approvals, ts, `desk:${button}`),
    until: (context, decisions) =>
      eventually(context, () => assert.equal(now.decided.length, decisions)),
    async settle() {
      bench.skip(bench.parts.policy.undoMs + 1_000);
      await bench.tick();
      await bench.tick();
    },
    cards: async () => (await inChannel()).filter(({ subtype }) => subtype !== "ephemeral"),
    async cardText({ ts }) {
      const card = (await inChannel()).find((message) => message.ts === ts);
      assert.ok(card, "the card is gone");
      return shownText(card);
    },
    openHome: (user) => openHome(made(opened.server).url, user),
    home: async (user) => (await shownHomes(made(opened.server).url)).get(user) ?? "",
    whispers: async () =>
      (await inChannel()).filter(({ subtype }) => subtype === "ephemeral").map(shownText),
    async approval(approvalId) {
      const found = await bench.parts.store.run((transaction) =>
        loadApproval(transaction, approvalId),
      );
      assert.ok(found, "there is no such approval");
      return found;
    },
    audit: (approvalId) =>
      bench.parts.store.run(async (transaction) => {
        const rows = await rowsOf(
          transaction,
          z.object({ kind: z.string(), about: z.string() }),
          sql`select kind, coalesce(data ->> 'why', data ->> 'button', data ->> 'operation', '') as about
              from ${ALL_ENTRIES} where data ->> 'approval' = ${approvalId} order by at, (kind <> 'asked'), seq nulls last`,
        );
        return rows.map(({ kind, about }) => (about === "" ? kind : `${kind} ${about}`));
      }),
  };
  return floor;
}
