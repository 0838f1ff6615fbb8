import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { parse } from "yaml";
import { runCommand } from "#cli/program.ts";
import { evalsCommand } from "#evals/command.ts";
import { readCases } from "#evals/read-cases.ts";
import { stageIn } from "#evals/runner.ts";
import { allGraders } from "#evals/worlds/all-graders.ts";
import { openWorld, type World } from "#evals/harness/sample-world.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { decideOnCandidate } from "#jobs/reports/candidate-cases.ts";
import { candidateCase, conversation } from "#store/db/schema.ts";
import { message } from "#test/support/fixtures/turns.ts";
import { aCase } from "./observations.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ANN = { customer: "u123", level: 2 };
const BOB = { customer: "u456", level: 2 };

let world: World;

// One world for all: bringing up the database is what takes the time.
before(async () => {
  world = await openWorld({}, { EMBEDDINGS: "off" });
});
after(async () => {
  await world.close();
  assert.deepEqual(worldFolders(), [], "a closed world leaves nothing behind");
});

/** Folders of worlds of this process; others may run evals at the same time. */
function worldFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`deskhand-evals-${process.pid}-`));
}

const play = (written: Record<string, unknown>, id?: string) => world.run(aCase(written, id));

function caseFolder(context: TestContext, text: string): string {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "written.yaml"), text);
  return folder;
}

test("every setting that says how models are asked reaches the evals, and no other", async () => {
  const asked = { DESKHAND_MODEL_API: "soap", DESKHAND_VERIFIER_SECONDS: "0" };
  for (const [name, value] of Object.entries(asked))
    await assert.rejects(openWorld({ [name]: value }, { EMBEDDINGS: "off" }), new RegExp(name));
  const other = await openWorld({ DESKHAND_PORT: "no port" }, { EMBEDDINGS: "off" });
  await other.close();
});

describe("a case in the real thing", () => {
  test("a draft by mail waits on a card, and nothing leaves", async () => {
    const result = await play({ input: "Where is my order 456?", identity: ANN });
    assert.equal(result.outcome, "reply");
    assert.match(result.text, /^Hello Ann,[\s\S]*processing[\s\S]*OurShop Support$/);
    assert.ok(result.asksPeople);
    assert.deepEqual(result.sent, []);
    assert.deepEqual(
      result.calls.filter(({ tool }) => tool !== "reply"),
      [{ tool: "get_order_status", arguments: { order_id: "456" } }],
    );
    assert.equal(result.steps, 2);
    assert.equal(result.costUsd, 0);
  });

  test("what policy allows is done at the shop and told, and the next case knows nothing of it", async () => {
    for (const round of ["first", "second"]) {
      const result = await play({ input: "Please refund order 1002", identity: BOB }, `x/${round}`);
      assert.equal(result.actions[0]?.decision.verdict, "allow", round);
      assert.deepEqual(result.shopEffects, [
        { effect: "refund_created", key: "refund:shop:1002:0" },
      ]);
      assert.equal(result.sent.length, 1);
      assert.match(result.text, /9\.00 USD/);
    }
  });

  test("earlier turns are answered, approved and done, and belong to what is remembered", async () => {
    const result = await play({
      earlier: ["Please refund order 789"],
      input: "Please refund order 789",
      identity: ANN,
    });
    assert.match(result.text, /refunded already, 120\.00 USD/);
    assert.deepEqual(result.actions, []);
    assert.deepEqual(result.shopEffects, []);
    assert.deepEqual(world.stage.shop.journal(), [
      { effect: "refund_created", key: "refund:shop:789:0" },
    ]);
  });

  test("what stands over two people's click is approved by two", async () => {
    await play({ earlier: ["Please refund order 1001"], input: "Hello!", identity: BOB });
    assert.deepEqual(
      world.stage.shop.journal().map(({ key }) => key),
      ["refund:shop:1001:0"],
    );
  });

  test("who is known decides what is shown, on every channel", async () => {
    for (const channel of ["email", "zendesk", "slack", "chat"]) {
      const known = await play({ input: "Where is order 456?", identity: ANN, channel });
      assert.match(known.text, /processing/, channel);
      const stranger = await play({ input: "Where is order 456?", channel });
      assert.match(stranger.text, /can't find order 456/, channel);
    }
  });
});

const teammateAnswer = (id: string, now: Date) =>
  message("It is on its way.", {
    key: `answer:${id}`,
    author: { kind: "teammate", id: "dana", name: "Dana" },
    sentAt: now.toISOString(),
    identity: { level: 3, method: "own", reason: "a teammate", handle: { kind: "none" } },
    answerTo: null,
  });

describe("deskhand evals ID", () => {
  const add = (id: string) =>
    runCommand({ store: world.stage.store, clock: world.stage.clock }, ["evals", id]);

  async function conversationOf(written: Record<string, unknown>): Promise<string> {
    await play(written);
    const rows = await world.stage.store.run((transaction) =>
      transaction.select({ id: conversation.id }).from(conversation),
    );
    return rows[0]?.id ?? assert.fail("there is no conversation");
  }

  /** A teammate answers what the bot did not, solves it, and the customer may rate it. */
  const solve = (id: string, rating?: string) =>
    world.stage.store.run(async (transaction) => {
      const now = world.stage.clock.now();
      await addMessages(transaction, id, [teammateAnswer(id, now)], now);
      await updateConversation(
        transaction,
        id,
        { solvedAt: now, ...(rating === undefined ? {} : { rating }) },
        now,
      );
    });

  const PERSONAL = {
    earlier: [
      "Hi, Ann Fields here (ann@customer.test, +1 541 555 0137).\nPlease change the address of order 456 to Am Graben 7, 1010 Wien, AT",
    ],
    input:
      "Where is my order 456? My card is 4111 1111 1111 1111. Yours, ANN\n12 Orchard Lane, Springfield",
    identity: ANN,
  };

  test("a solved conversation becomes a case without a word of who wrote it", async () => {
    const id = await conversationOf(PERSONAL);
    await solve(id);
    const { stdout, stderr, exitCode } = await add(id);
    assert.equal(exitCode, 0, stderr);
    // Its own id is made of digits as they come.
    assert.doesNotMatch(
      stdout.replace(/candidate-c-[0-9a-f]+/, ""),
      /ann\b|fields|customer\.test|555|4111|graben|1010|wien|orchard|springfield/i,
    );
    const [written] = parse(stdout);
    assert.match(written.earlier[0], /^Hi, \[name\] here \(\[e-mail\], \[phone\]\)\./);
    assert.match(written.earlier[0], /address of order \[number\] to \[address\]$/);
    assert.match(written.input[0], /\[card number removed\]\. Yours, \[name\]/);
    assert.equal(written.risk_category, "order_status");
    assert.deepEqual(written.expected_tools, ["get_order_status"]);
    assert.deepEqual(written.expected_actions, []);
    const recorded = await world.stage.store.run((transaction) =>
      transaction.select().from(candidateCase),
    );
    assert.deepEqual(
      recorded.map((row) => [row.conversationId, row.reason]),
      [[id, "solved"]],
    );
  });

  test("it is a case the evals take as it is, with what was done as what is expected", async (context) => {
    const id = await conversationOf({ input: "Please refund order 1002", identity: BOB });
    await solve(id, "good");
    const { stdout } = await add(id);
    const complete = (text: string): string =>
      text.replace("level: 2", "level: 2\n    customer: u456").replaceAll("[number]", "1002");
    // What no person has read is taken by no gate.
    assert.throws(() => readCases(caseFolder(context, complete(stdout))), /accepted: is missing/);
    const accepted = await decideOnCandidate(world.stage.store, id, {
      decision: "accepted",
      at: world.stage.clock.now(),
      pseudonym: () => Promise.resolve("p1"),
    });
    const [kept] = await world.stage.store.run((transaction) =>
      transaction.select().from(candidateCase),
    );
    assert.deepEqual([kept?.decision, kept?.decidedBy], ["accepted", "p1"]);
    assert.ok(kept?.decidedAt instanceof Date);
    const completed = complete(accepted ?? "");
    const [evalCase] = readCases(caseFolder(context, completed));
    assert.ok(evalCase !== undefined);
    assert.deepEqual(evalCase.expected_actions, [
      { operation: "refund", order: "1002", amount: "9.00 USD", verdict: "allow" },
    ]);
    assert.deepEqual(evalCase.expected_outcome, ["reply"]);
    assert.match(evalCase.expected_behavior, /rated as good/);
  });

  test("one that is still going on is refused, and not recorded", async () => {
    const id = await conversationOf({ input: "Where is my order 456?", identity: ANN });
    const refused = await add(id);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /only a solved conversation becomes a case/);
    assert.match((await add("c_unknown")).stderr, /no conversation is known under c_unknown/);
    const recorded = await world.stage.store.run((transaction) =>
      transaction.select().from(candidateCase),
    );
    assert.deepEqual(recorded, []);
  });
});

describe("npm run evals on the real thing", () => {
  test("a case that expects too much fails beside one that does not", async (context) => {
    const folder = caseFolder(
      context,
      `- id: right
  input: Where is my order 456?
  identity: { customer: u123, level: 2 }
  expected_behavior: Tells the status.
  must_include: [processing]
  risk_category: low
- id: wrong
  input: Where is my order 456?
  identity: { customer: u123, level: 2 }
  expected_behavior: Tells something else.
  must_include: [by helicopter]
  risk_category: low
`,
    );
    let printed = "";
    const code = await evalsCommand(
      ["--cases", folder, "--against", join(folder, "baseline.json"), "--concurrency", "1"],
      {
        openStage: async () => ({
          ...stageIn(world, allGraders()),
          modelName: world.modelName,
          close: async () => undefined,
        }),
        runsFolder: join(folder, "runs"),
        processors: 1,
        now: () => new Date(),
        print: (text) => (printed += text),
        tell: () => undefined,
        progress: () => undefined,
      },
    );
    assert.equal(code, 0);
    assert.match(
      printed,
      /STILL FAILING {2}written\/wrong[\s\S]*"by helicopter" is not in the text/,
    );
    assert.match(printed, /1 of 2 cases pass with rehearsal/);
  });
});
