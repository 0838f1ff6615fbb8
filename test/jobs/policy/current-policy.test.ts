/** The policy in use by each process, and mistakes in its file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test, type TestContext } from "node:test";
import { NO_RECEIPTS } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import { type LoadedPolicy, loadPolicy, currentPolicy, following } from "#policy/load-policy.ts";
import { REAL_ENVIRONMENT, SANDBOX_POLICY, SECRET } from "#test/support/real-parts.ts";
import { readConfig } from "#config/environment.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { compose } from "#app/compose.ts";
import { caseClock } from "#evals/harness/clock.ts";
import { createFakeQueue } from "#evals/harness/fake-queue.ts";
import { messageOf, migratedDatabase, silentLog } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { NOTHING_EMBEDDED } from "#connections/connect-all.ts";
import { policyBenchForTests } from "./bench.ts";

const LINK = "https://new.test/page";

const TEXT = readFileSync(SANDBOX_POLICY, "utf8");

const sandbox = (change: (text: string) => string = (text) => text): LoadedPolicy =>
  loadPolicy(change(TEXT), "policy");

test("a live policy has every member of a policy, and all of them follow", () => {
  const changed = sandbox((text) =>
    text
      .replace("undo_seconds: 5", "undo_seconds: 7")
      .replace("lead: [lea@ourshop.test,", "lead: [kim@ourshop.test, lea@ourshop.test,")
      .replace("email: { default: draft }", "email: { default: auto }")
      .replace("link_hosts: [ourshop.test,", "link_hosts: [new.test,")
      .replaceAll("signature: |-\n      Kind regards", "signature: |-\n      Cheerio"),
  );
  const [first, second] = [sandbox(), changed];
  const live = currentPolicy(first);
  assert.deepEqual(Object.keys(live).toSorted(), [...Object.keys(first), "replace"].toSorted());
  const { texts } = live;
  live.replace(second);
  const options = { channel: "email", brand: "", name: null, automatic: false } as const;
  const at = new Date("2026-11-20T10:00:00Z");
  const answers = (policy: LoadedPolicy) => ({
    version: policy.version,
    operations: policy.operations,
    undoMs: policy.undoMs,
    role: policy.roleOf({ id: "kim@ourshop.test", email: null }),
    autonomy: policy.replyAutonomy("email", ""),
    hosts: policy.linkHosts,
    signed: policy.sign("Hello.", options),
    duty: policy.onDuty(at),
    expires: policy.expiresAt(at),
    reminds: [policy.remindAt(at), policy.handoverRemindAt(at)],
    voice: policy.voiceOf("email", ""),
    caps: { ...policy.caps },
    rest: [policy.delicate, policy.delicateWatch, policy.quietMs("email")],
    chat: policy.chatMessagesPerMinute,
    closed: policy.closedText(at),
  });
  assert.deepEqual(answers(live), answers(second));
  assert.notDeepEqual(answers(live), answers(first));
  assert.ok(texts.handover.length > 0);
  live.replace(sandbox((text) => text.replace("confidence: 0.35", "confidence: 0.9")));
  assert.equal(live.caps.confidenceMin, 0.9);
});

test("what is read into a policy once holds for every later one", () => {
  const live = currentPolicy(sandbox(), (policy) => ({ ...policy, replyAutonomy: () => "shadow" }));
  assert.equal(live.replyAutonomy("chat", ""), "shadow");
  live.replace(sandbox((text) => text.replace("undo_seconds: 5", "undo_seconds: 7")));
  assert.deepEqual([live.replyAutonomy("chat", ""), live.undoMs], ["shadow", 7_000]);
});

test("what is made from the policy is made once for each policy", () => {
  const live = currentPolicy(sandbox());
  const made: string[] = [];
  const now = following(live, () => made.push(live.version));
  assert.deepEqual([now(), now(), made.length], [1, 1, 1]);
  live.replace(sandbox((text) => text.replace("undo_seconds: 5", "undo_seconds: 7")));
  assert.deepEqual([now(), now(), made.length], [2, 2, 2]);
});

describe("the parts", () => {
  const bench = policyBenchForTests();

  test("watch for words, let links through and tell teammates apart by the policy in force", async () => {
    const { guard, output, policy } = bench.parts;
    const written: Message = messageOf("m1", { text: "Our pigeon is on its way to you." });
    const linked = (): readonly string[] =>
      output
        .check(`See ${LINK} for more.`, {
          toolResults: [],
          passages: [{ id: "p", title: "Page", url: LINK, text: `See ${LINK}`, score: 1 }],
          proposal: null,
          asked: "",
          requester: { level: 0, customerId: null, emailOnFile: null, name: null, reason: "x" },
          escalates: false,
          language: null,
          forbidden: [],
          today: bench.clock.now(),
        })
        .findings.map(({ kind }) => kind);
    assert.equal(guard.delicate([written]), null);
    assert.ok(linked().includes("link"));
    await bench.enforce((text) =>
      text
        .replace("extra_words:\n", "extra_words:\n    legal: [pigeon]\n")
        .replace("link_hosts: [ourshop.test,", "link_hosts: [new.test, ourshop.test,"),
    );
    assert.equal(guard.delicate([written])?.topic, "legal");
    assert.ok(!linked().includes("link"));
    assert.ok(policy.linkHosts.includes("new.test"));
  });
});

/** An application of real parts, ended with the test. */
async function composed(context: TestContext, model: Readonly<Record<string, string>>) {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const wired = await compose({
    config: readConfig({ ...REAL_ENVIRONMENT, ...model, DESKHAND_DATA: database.folder }),
    store: database.store,
    queue: createFakeQueue().queue,
    embedded: NOTHING_EMBEDDED,
    clock: caseClock(),
    log: silentLog,
    appUrl: () => "http://127.0.0.1",
    worker: "test",
    secrets: await installationSecrets(database.store, caseClock()),
  });
  context.after(() => wired.close());
  return wired;
}

test("a model sees pictures only where the operator says that it takes them", async (context) => {
  const model = { OPENAI_API_KEY: SECRET, DESKHAND_MODEL: "gpt-4.1" };
  const said = await composed(context, { ...model, DESKHAND_MODEL_PICTURES: "on" });
  assert.equal(said.pictures?.model, "gpt-4.1");
  assert.equal((await composed(context, model)).pictures, null);
});

test("what a reply says was done is compared with the tools of this process", async (context) => {
  const { output } = await composed(context, {});
  const { findings } = output.check("I swapped it for a new one.", {
    ...NO_RECEIPTS,
    today: caseClock().now(),
  });
  assert.match(findings.map(({ reason }) => reason).join(), /“exchange item”/);
});

test("without a model real customers are only shadowed, whatever policy comes into force", async (context) => {
  const wired = await composed(context, {});
  assert.equal(wired.policy.replyAutonomy("chat", ""), "shadow");
  wired.policy.replace(sandbox((text) => text.replace("undo_seconds: 5", "undo_seconds: 7")));
  assert.deepEqual(
    [wired.policy.undoMs, wired.policy.replyAutonomy("chat", "")],
    [7_000, "shadow"],
  );
  assert.throws(
    () => wired.requireRules({ ...wired.policy, operations: ["reply"] }),
    /no rule for: .*refund/,
  );
});

test("the day that turns are told is that of the policy's zone", async (context) => {
  const { agentParts, policy } = await composed(context, {});
  policy.replace(sandbox((text) => text.replace("zone: UTC", "zone: Australia/Sydney")));
  const day = agentParts.dayOf(new Date("2026-11-20T22:00:00Z"));
  assert.equal(day.toISOString(), "2026-11-21T00:00:00.000Z");
});

const LAXER = (text: string): string => text.replace("up_to: 200.00", "up_to: 500.00");

const STRICTER = (text: string): string => text.replace("up_to: 200.00", "up_to: 150.00");

const same = (text: string): string => text;

describe("a policy file", () => {
  const bench = policyBenchForTests();
  beforeEach(() => bench.begin());

  const policyCards = () => [...bench.desk.cards.values()].filter(({ kind }) => kind === "policy");

  test("a file with mistakes is told once, with its lines, and changes nothing", async () => {
    const { version } = bench.parts.policy;
    const told = bench.desk.notices.length;
    const before = bench.desk.notified;
    bench.edit((text) => text.replace("verdict: deny", "verdict: denied"));
    await bench.look();
    await bench.look();
    assert.equal(bench.desk.notified, before + 1);
    assert.equal(bench.parts.policy.version, version);
    assert.equal(bench.desk.notices.length, told + 1);
    const notice = bench.desk.notices.at(-1);
    assert.match(
      notice?.text ?? "",
      /deskhand\.policy\.yaml:\d+ operations\.refund\.rules\[0\]\.verdict/,
    );
    assert.deepEqual(notice?.people, ["lea@ourshop.test"]);
    bench.edit(same);
    await bench.look();
    await bench.look();
    assert.deepEqual(
      bench.desk.notices.slice(told + 1).map(({ text }) => text),
      ["The policy file can be used again."],
    );
  });

  test("a file without a rule for something a tool proposes is one with a mistake", async () => {
    bench.edit((text) => text.replace("  change_address:", "  change_colour:"));
    await bench.look();
    assert.match(bench.desk.notices.at(-1)?.text ?? "", /no rule for: change_address/);
    assert.deepEqual(
      policyCards().filter(({ state }) => state === "pending"),
      [],
    );
    bench.edit(same);
    await bench.look();
  });

  test("a file that is being written is left alone until it stops changing", async () => {
    const { version } = bench.parts.policy;
    bench.edit((text) => STRICTER(text));
    await bench.watch.tick();
    bench.edit((text) => LAXER(text).slice(0, 500));
    await bench.watch.tick();
    assert.equal(bench.parts.policy.version, version);
    bench.edit(STRICTER);
    await bench.look();
    assert.notEqual(bench.parts.policy.version, version);
  });

  test("a file that is gone changes nothing and is told", async () => {
    const { version } = bench.parts.policy;
    bench.remove();
    await bench.look();
    assert.equal(bench.parts.policy.version, version);
    assert.match(bench.desk.notices.at(-1)?.text ?? "", /cannot be read/);
  });
});
