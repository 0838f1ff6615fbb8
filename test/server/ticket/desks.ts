/** The three desks over the real jobs, each with the hands of the people at it: Slack, the console, beside a ticket. */
import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { z } from "zod";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { post, startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { onFloor, type Asked, type Floor } from "#test/slack/approvals/desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { sql } from "#store/db/drizzle.ts";
import { openedBy } from "#test/support/opened.ts";
import { until } from "#test/support/waiting.ts";
import { AGENTS, opened, startAccount, type OpenedPage, type TestAccount } from "./bench.ts";

/** People whom every desk knows; Ned has no role. */
type Person = "sam" | "lea" | "ned";

/** A card to press on. */
export interface Shown {
  readonly approvalId: string;
  readonly version: number;
}

/** What a press came to, as the person was told; null where the desk says nothing. */
interface Pressed {
  readonly accepted: boolean;
  readonly message: string;
}

/** A press of a button of a card, and what is typed with it. */
interface Press {
  readonly button: "approve" | "edit" | "reject" | "undo";
  readonly text?: string;
}

/** A desk and the real jobs behind it. */
export interface AnyDesk {
  readonly bench: JobBench;
  /** The card of this conversation as the desk shows it now, as text. */
  text(person: Person, shown: Shown): Promise<string>;
  /** The card that waits in this conversation, once the desk shows it. */
  shown(conversationId: string): Promise<Shown>;
  press(person: Person, shown: Shown, press: Press): Promise<Pressed>;
}

/** Runs the tests of a desk on each of the three. */
export function onEachDesk(body: (desk: AnyDesk) => void): void {
  onFloor("a desk: Slack", (floor) => body(slackDesk(floor)));
  for (const way of ["console", "ticket"] as const)
    onDesk(`a desk: ${way === "console" ? "the console" : "beside a ticket"}`, (bench) => {
      const now: { pages?: PagesBench; account?: TestAccount } = {};
      const pages = openedBy(() => now.pages);
      const account = openedBy(() => now.account);
      before(async () => {
        now.account = await startAccount({ now: () => bench.now() });
      });
      beforeEach(async () => {
        await now.pages?.close();
        const { clock, store } = bench.parts;
        // What a test rules meanwhile counts at once, as it does for the jobs.
        const policy = openedBy(() => bench.parts.policy);
        const handler = deskHandler(bench.parts);
        now.pages = await startPages({
          sandbox: false,
          store,
          sidebar: account.sidebar(),
          jobs: { clock, policy, handler },
        });
      });
      after(async () => {
        await now.pages?.close();
        await now.account?.close();
      });
      body(
        webDesk(
          bench,
          way === "console" ? consoleHands(pages) : ticketHands(pages, account, bench),
        ),
      );
    });
}

const SLACK_USERS = { sam: USERS.sam, lea: USERS.lea, ned: USERS.ned } as const;

/** Clicks and forms in Slack; what a person is told comes back when the jobs have answered. */
function slackDesk(floor: Floor): AnyDesk {
  const asked = new Map<string, Asked>();
  const place = ({ approvalId }: Shown): Asked => {
    const found = asked.get(approvalId);
    assert.ok(found, "this card was not shown");
    return found;
  };
  return {
    get bench() {
      return floor.bench;
    },
    text: async (_person, shown) => floor.cardText(place(shown)),
    async shown(conversationId) {
      const found = await floor.asked(conversationId);
      asked.set(found.approvalId, found);
      const { version } = await floor.approval(found.approvalId);
      return { approvalId: found.approvalId, version };
    },
    async press(person, shown, { button, text = "" }) {
      const before = floor.decided.length;
      const [user, { ts }] = [SLACK_USERS[person], place(shown)];
      if (button === "edit" || button === "reject") {
        await floor.server.people.click(user, CHANNELS.approvals, ts, `desk:${button}`);
        await floor.server.people.waitForView(
          ({ callback_id }) => callback_id === `desk:${button}`,
        );
        await floor.server.people.submit(user, button === "edit" ? { text } : { reason: text });
      } else {
        const value = `${shown.approvalId}:v${shown.version}`;
        const clicked = { action_id: `desk:${button}`, value };
        await floor.server.people.clickAnything(user, CHANNELS.approvals, ts, clicked);
      }
      const { answer } = await until("an answer", async () =>
        floor.decided.slice(before).find(({ decision }) => decision.teammate.id === user),
      );
      return answer;
    },
  };
}

/** How a page of ours is asked, as one person. */
interface Hands {
  post(person: Person, body: object, shown: Shown): Promise<Response>;
  read(person: Person, shown: Shown): Promise<string>;
}

const Answer = z.object({ accepted: z.boolean(), message: z.string() });
const Refused = z.object({ message: z.string() });

function webDesk(bench: JobBench, hands: Hands): AnyDesk {
  const state = { clicks: 0 };
  return {
    bench,
    text: (person, shown) => hands.read(person, shown),
    async shown(conversationId) {
      const pending = await bench.pending(conversationId);
      assert.ok(pending, "no card waits");
      return { approvalId: pending.id, version: pending.version };
    },
    async press(person, shown, { button, text = "" }) {
      state.clicks += 1;
      const body = {
        ...shown,
        clickId: `click-number-${state.clicks}`,
        button,
        ...(button === "edit" ? { edit: { text, amount: null } } : {}),
        ...(button === "reject" ? { rejection: "reason", reason: text } : {}),
      };
      const answer = await hands.post(person, body, shown);
      const words: unknown = await answer.json().catch(() => ({ message: "" }));
      if (answer.ok) return Answer.parse(words);
      return { accepted: false, message: Refused.parse(words).message };
    },
  };
}

function consoleHands(pages: PagesBench): Hands {
  const cookie = (person: Person): Promise<string> => pages.session(`${person}@ourshop.test`);
  return {
    post: async (person, body) =>
      post(`${pages.url}/console/decide`, body, { cookie: await cookie(person) }),
    async read(person, { approvalId }) {
      const headers = { cookie: await cookie(person) };
      return (await fetch(`${pages.url}/console/find/${approvalId}`, { headers })).text();
    },
  };
}

function ticketHands(pages: PagesBench, account: TestAccount, bench: JobBench): Hands {
  const page = async (person: Person, { approvalId }: Shown): Promise<OpenedPage> => {
    const [row] = await bench.rows(
      z.object({ ticket: z.string() }),
      sql`select c.external_id as ticket from conversation c
          join approval a on a.conversation_id = c.id where a.id = ${approvalId}`,
    );
    return opened(pages.url, account, AGENTS[person], row?.ticket ?? "");
  };
  return {
    post: async (person, body, shown) => (await page(person, shown)).post("/decide", body),
    read: async (person, shown) => (await (await page(person, shown)).get("/state")).text(),
  };
}
