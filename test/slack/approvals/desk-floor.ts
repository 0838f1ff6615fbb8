/** The real jobs with a real Slack as their desk: customers write in memory, the team clicks in the sandbox's Slack. */
import { ALL_ENTRIES } from "#store/audit/pending-entries.ts";
import assert from "node:assert/strict";
import { beforeEach, type TestContext } from "node:test";
import { z } from "zod";
import type { slack, SlackOptions } from "#slack/index.ts";
import type { DeskAnswer, DeskDecision, DeskHandler } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { rowsOf } from "#store/db/database.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";
import { eventually, inSlack, openForm, type SlackBench } from "#test/slack/bench.ts";
import { openHome, shownHomes } from "./home-tab.ts";
import { CHANNELS, type TestSlack } from "#test/slack/local-slack.ts";
import { openedBy } from "#test/support/opened.ts";
import { until } from "#test/support/waiting.ts";

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

/** A card as it is: its message and its row. */
interface Picture extends Asked {
  readonly blocks: unknown;
  readonly row: Approval;
}

/** What a test has in its hands: the bench, the Slack in front of it, and short words for what people do there. */
export interface Floor extends Pick<SlackBench, "calls" | "log" | "break" | "later"> {
  readonly bench: JobBench;
  readonly server: TestSlack;
  /** Channel and desk of this test; new for each. */
  readonly sides: ReturnType<typeof slack>;
  /** Every decision that was answered in this test, oldest first. */
  readonly decided: readonly Decided[];
  /** The desk's side of a decision; a test may put something in front of it. */
  handler: DeskHandler;
  /** A customer asks, and the card for it is on the desk. */
  ask(options?: Asking): Promise<Asked>;
  /** The card of this conversation that waits, once it is on the desk. */
  asked(conversationId: string): Promise<Asked>;
  /** Sits down anew, as a process with these options would. */
  sit(options: Partial<SlackOptions>): Promise<void>;
  /** Listens to clicks; done for each test already, and once more by one that stopped its desk. */
  listen(): Promise<void>;
  click(user: string, asked: Pick<Asked, "ts">, button: string): Promise<void>;
  /** Opens the form behind a button of a card and waits until it can be filled in. */
  openForm(
    context: TestContext,
    user: string,
    asked: Pick<Asked, "ts">,
    button: string,
  ): Promise<void>;
  /** Waits until so many decisions of this test are answered. */
  until(context: TestContext, decisions: number): Promise<void>;
  /** Carries out what was decided, also what could have been taken back for a while. */
  settle(): Promise<void>;
  /** The messages of a channel, the approvals channel unless told, as all members see them. */
  cards(channel?: string): Promise<readonly SlackMessage[]>;
  /** Those with a button that decides. */
  live(channel?: string): Promise<readonly SlackMessage[]>;
  /** The text of the one message of this card. */
  cardText(asked: Pick<Asked, "ts">): Promise<string>;
  openHome(user: string): Promise<void>;
  /** The Home tab a person was shown last, as the JSON of it. */
  home(user: string): Promise<string>;
  /** What was said to one person alone in the approvals channel, oldest first. */
  whispers(): Promise<readonly string[]>;
  /** Waits until a person was told this. */
  told(context: TestContext, words: RegExp): Promise<void>;
  /** Waits until the form on screen says this. */
  toldInForm(context: TestContext, words: RegExp): Promise<void>;
  approval(approvalId: string): Promise<Approval>;
  picture(asked: Asked): Promise<Picture>;
  /** The card's message and row are as they were, and nothing was refunded. */
  unchanged(before: Picture): Promise<void>;
  refunds(): JobBench["left"];
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

/** Runs tests on a floor where nothing has happened yet; clicks come in over the socket. */
export function onFloor(name: string, body: (floor: Floor) => void): void {
  onDesk(name, (bench) => {
    const now: Now = { decided: [] };
    const floor = floorOf(bench, inSlack(), now);
    beforeEach(() => floor.sit({}));
    body(floor);
  });
}

interface Now {
  sides?: ReturnType<typeof slack>;
  readonly decided: Decided[];
}

/** The waiting card, once it is on the desk. One that Slack did not take at once is posted by the reconciler. */
async function posted(bench: JobBench, conversationId: string): Promise<Asked> {
  const seen: { posting: unknown } = { posting: null };
  return until(
    "a card on the desk",
    async () => {
      const pending = await bench.pending(conversationId);
      seen.posting = pending?.posting;
      const [, ts] = pending?.posting.deskRef?.split(":") ?? [];
      if (pending !== null && ts !== undefined)
        return { conversationId, approvalId: pending.id, ts };
      bench.skip(1_000);
      await bench.tick();
      return null;
    },
    () => JSON.stringify(seen.posting),
  );
}

function decides({ action_id = "" }: { readonly action_id?: string | undefined }): boolean {
  return action_id.startsWith("desk:") && action_id !== "desk:undo" && action_id !== "desk:why";
}

function floorOf(bench: JobBench, side: SlackBench, now: Now): Floor {
  const inChannel = (channel: string = CHANNELS.approvals) => side.server.people.messages(channel);
  const message = async ({ ts }: Pick<Asked, "ts">): Promise<SlackMessage> => {
    const card = (await inChannel()).find((one) => one.ts === ts);
    assert.ok(card, "the card is gone");
    return card;
  };
  const floor: Floor = {
    bench,
    server: side.server,
    sides: openedBy(() => now.sides),
    get log() {
      return side.log;
    },
    get calls() {
      return side.calls;
    },
    get decided() {
      return now.decided;
    },
    break: (fault) => side.break(fault),
    later: (ms) => side.later(ms),
    handler: deskHandler(bench.parts),
    async sit(options) {
      await now.sides?.desk.stop();
      now.sides = side.open({ groups: () => bench.parts.policy.groups, ...options });
      now.decided.splice(0);
      bench.connectDesk(now.sides.desk);
      floor.handler = deskHandler(bench.parts);
      await floor.listen();
    },
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
      bench.answer(() => replying(DRAFT, { actions: [refundOf(minor, refund)] }));
      const about = refund.orderId === undefined ? "They broke." : `Order ${refund.orderId} broke.`;
      return posted(bench, await bench.write(about, { channel, thread }));
    },
    asked: (conversationId) => posted(bench, conversationId),
    click: (user, { ts }, button) =>
      side.server.people.click(user, CHANNELS.approvals, ts, `desk:${button}`),
    openForm: (context, user, { ts }, button) =>
      openForm(context, side.server, { user, ts, button: `desk:${button}` }),
    until: (context, decisions) =>
      eventually(context, () => assert.equal(now.decided.length, decisions)),
    async settle() {
      bench.skip(bench.parts.policy.undoMs + 1_000);
      await bench.tick();
      await bench.tick();
    },
    cards: async (channel) =>
      (await inChannel(channel)).filter(({ subtype }) => subtype !== "ephemeral"),
    live: async (channel) =>
      (await floor.cards(channel)).filter((card) => buttonsOf(card).some(decides)),
    cardText: async (asked) => shownText(await message(asked)),
    openHome: (user) => openHome(side.server.url, user),
    home: async (user) => (await shownHomes(side.server.url)).get(user) ?? "",
    whispers: async () =>
      (await inChannel()).filter(({ subtype }) => subtype === "ephemeral").map(shownText),
    told: (context, words) =>
      eventually(context, async () => assert.match((await floor.whispers()).join("\n"), words)),
    toldInForm: (context, words) =>
      eventually(context, () => assert.match(JSON.stringify(side.server.people.view()), words)),
    async approval(approvalId) {
      const found = await bench.parts.store.run((transaction) =>
        loadApproval(transaction, approvalId),
      );
      assert.ok(found, "there is no such approval");
      return found;
    },
    picture: async (asked) => ({
      ...asked,
      blocks: (await message(asked)).blocks,
      row: await floor.approval(asked.approvalId),
    }),
    async unchanged({ blocks, row, ...asked }) {
      assert.deepEqual((await message(asked)).blocks, blocks);
      assert.deepEqual(await floor.approval(asked.approvalId), row);
      assert.deepEqual(floor.refunds(), []);
    },
    refunds: () => bench.left.filter(({ action }) => action.operation === "refund"),
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
