/** Alerts that belong together are in one thread, each once, and mention no person twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKey, type AlertedCase } from "#core/values/alert.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { shownText } from "#test/support/slack.ts";
import { showOnMessage } from "#slack/approvals/alerts.ts";
import type { Call } from "#slack/api/web-api.ts";
import { MessageBlock } from "#slack/api/schema.ts";
import { z } from "zod";
import { silentLog } from "#test/store/bench.ts";
import { inSlack, on, eventually, recordingJobs } from "#test/slack/bench.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const LEA = "lea@ourshop.test";
const SAM = "sam@ourshop.test";
const signal = new AbortController().signal;

const bench = inSlack();
const newDesk = (): ApprovalDesk => bench.open().desk;

interface Wanted {
  readonly about: string;
  readonly conversation?: string;
  readonly kind?: string | null;
  readonly people?: readonly string[];
}

function alertOf({ about, conversation = about, kind = "dead-letter", people = [] }: Wanted) {
  const key = alertKey(about, { conversationId: conversation, kind });
  const action = {
    target: "desk" as const,
    operation: "alert",
    arguments: { text: `About ${about}`, people: [...people] },
  };
  return { key, action };
}

async function tell(desk: ApprovalDesk, wanted: Wanted): Promise<string> {
  const { key, action } = alertOf(wanted);
  return (await desk.commit(action, key, signal)).ref;
}

const all = () => bench.server.people.messages(CHANNELS.alerts);
const inChannel = async () =>
  (await all()).filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts);

async function beneath(head: string): Promise<readonly string[]> {
  const replies = (await all()).filter(({ ts, thread_ts }) => thread_ts === head && ts !== head);
  return replies.map(shownText);
}

test("forty dead letters at once are one message with the others in its thread, and none is lost", async () => {
  const desk = newDesk();
  const names = Array.from({ length: 40 }, (_, index) => `letter ${index}`);
  const refs = await Promise.all(names.map((about) => tell(desk, { about, people: [LEA] })));
  assert.equal(new Set(refs).size, names.length);
  const [head, ...more] = await inChannel();
  assert.deepEqual(more, []);
  assert.ok(head);
  assert.ok(JSON.stringify(head.blocks).includes(`<@${USERS.lea}>`));
  const others = await beneath(head.ts);
  assert.equal(others.length, names.length - 1);
  for (const name of names.slice(1))
    assert.equal(others.filter((text) => text.endsWith(`About ${name}`)).length, 1, name);
  assert.ok(!others.some((text) => text.includes("<@")), "people are mentioned in the first alone");
});

test("one that was told is found again in its thread by another process, and is told once", async () => {
  await tell(newDesk(), { about: "a" });
  const { key, action } = alertOf({ about: "b" });
  assert.deepEqual(await newDesk().find(action, key, signal), { state: "absent" });
  // Slack has it, and its answer is lost twice: also to the look that follows.
  bench.break(on("chat.postMessage", "lose"));
  const posts = () => bench.calls.filter(({ method }) => method === "chat.postMessage").length;
  const before = posts();
  const first = await newDesk().commit(action, key, signal);
  bench.break(() => null);
  const again = newDesk();
  assert.deepEqual(await again.find(action, key, signal), { state: "done", committed: first });
  assert.deepEqual(await again.commit(action, key, signal), first);
  assert.equal(posts(), before + 1);
  const [head] = await inChannel();
  assert.equal((await beneath(head?.ts ?? "")).length, 1);
});

test("what the channel does not take goes to those it is for and to the fallback lead, each in person and once", async () => {
  const closed = { name: "alerts", is_archived: true };
  const shared = { name: "alerts", is_ext_shared: true };
  for (const [about, channel] of [
    ["archived", closed],
    ["shared", shared],
  ] as const) {
    bench.break(on("conversations.info", { status: 200, body: { ok: true, channel } }));
    const desk = newDesk();
    await tell(desk, { about, people: [SAM] });
    await tell(desk, { about, people: [SAM] });
    assert.deepEqual(await all(), []);
    for (const user of [USERS.sam, USERS.lea]) {
      const told = await bench.server.people.messages(await bench.server.direct(user));
      assert.equal(told.filter((one) => shownText(one).includes(`About ${about}`)).length, 1);
    }
  }
});

const ID = "c_0123456789abcdef0123";
const TEXT =
  "Delicate (legal) on email: no draft was made, a person answers. https://desk.test/console#t_1b07563edac27e45a690";

const caseOf = (change: Partial<AlertedCase> = {}): AlertedCase => ({
  conversationId: ID,
  name: "Bob Marsh",
  subject: "Last warning",
  channel: "email",
  words: "If I do not get my money by Friday, my lawyer will write to you.",
  since: "21 Nov 02:05, 10 min ago",
  told: "Told the customer: “It is with our team now.”",
  expects: "No time was promised.",
  link: { label: "Ticket #2", url: "https://ourshop.zendesk.test/agent/tickets/2" },
  canBeTaken: true,
  ...change,
});

test("one press takes it over for everybody to see; within the undo time it is given back", async (context) => {
  const { desk } = bench.open();
  const { people } = bench.server;
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  const key = alertKey("legal", { conversationId: ID, kind: null });
  const action = {
    target: "desk" as const,
    operation: "alert",
    arguments: { text: TEXT, people: ["lea@ourshop.test"], case: { ...caseOf() } },
  };
  const { ref } = await desk.commit(action, key, AbortSignal.timeout(PATIENCE_MS));
  // The ledger keeps the alert without its case, and finds it all the same.
  const stored = { ...action, arguments: { text: TEXT, people: ["lea@ourshop.test"] } };
  const found = await desk.find(stored, key, AbortSignal.timeout(PATIENCE_MS));
  assert.equal(found.state, "done");
  const ts = ref.split(":")[1] ?? "";
  const message = async () => {
    const [only] = await people.messages(CHANNELS.alerts);
    assert.ok(only !== undefined);
    return { text: shownText(only), json: JSON.stringify(only.blocks) };
  };
  jobs.answer = () => ({ message: "Taken over by Lea Winter", undoMs: 60_000 });
  await people.click(USERS.lea, CHANNELS.alerts, ts, "desk:take_over");
  await eventually(context, async () => {
    const { text, json } = await message();
    assert.match(text, /Taken over by Lea Winter/);
    assert.ok(json.includes("desk:undo") && !json.includes("desk:take_over"), json);
    assert.match(text, /Bob Marsh/);
  });
  assert.deepEqual(
    jobs.decisions.map(({ approvalId, button }) => [approvalId, button]),
    [[ID, "take_over"]],
  );
  jobs.answer = () => ({ message: "Given back to the team." });
  await people.click(USERS.lea, CHANNELS.alerts, ts, "desk:undo");
  await eventually(context, async () => {
    const { text, json } = await message();
    assert.match(text, /Given back to the team/);
    assert.doesNotMatch(text, /Taken over by/);
    assert.ok(json.includes("desk:take_over") && !json.includes("desk:undo"), json);
  });
});

const BACK = "Back to work, by Lea Winter";

test("a list of junk keeps within a message of Slack's, also once every row was pressed", async () => {
  const junk = Array.from({ length: 60 }, (_, index) => ({
    conversationId: `c_${index}`,
    from: "Offers ".repeat(15),
    subject: "Buy ".repeat(45),
    why: `${index}: `.padEnd(250, "an offer of a stranger "),
    isAside: true,
  }));
  const { key, action } = alertOf({ about: "junk" });
  await newDesk().commit({ ...action, arguments: { ...action.arguments, junk } }, key, signal);
  const [list] = await all();
  assert.ok(list);
  assert.match(shownText(list), /and \d+ more in the console/);
  const shown = { blocks: z.array(MessageBlock).parse(list.blocks) };
  const call: Call = async (_pace, _method, { blocks }, answer) => {
    shown.blocks = z.array(MessageBlock).parse(blocks);
    return answer.parse({});
  };
  for (const { conversationId: approvalId } of junk)
    await showOnMessage(
      { call, log: silentLog },
      {
        channel: CHANNELS.alerts,
        decided: {
          decisionId: approvalId,
          approvalId,
          version: 1,
          button: "not_junk",
          reason: "",
          edit: null,
        },
        message: { ts: "1000.000001", text: "Junk", blocks: shown.blocks },
      },
      { accepted: true, fieldErrors: {}, message: BACK },
    );
  const text = JSON.stringify(shown.blocks);
  assert.ok(!text.includes("not_junk") && text.includes("Back to work"));
  assert.ok(shown.blocks.length <= 50, String(shown.blocks.length));
  const pressed = shown.blocks.filter(({ fields }) => fields !== undefined).length;
  assert.ok(shownText(list).length + pressed * BACK.length <= 13_000);
});
