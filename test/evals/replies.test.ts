/** Labelled replies are judged against all that their turn knew, and wrong files are named with line and field. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { repliesCommand } from "#evals/replies/command.ts";
import { probeFound } from "#test/support/probed-reading.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
import {
  checkingJudge,
  configuredReader,
  recordedReader,
  verifyingJudge,
} from "#evals/replies/verifying-judge.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const CONTEXT = {
  today: "2026-11-21",
  customer: { id: "u1", name: "Ann Fields", email: "ann@customer.test" },
  asked: "I want my 30 dollars for order 77 back.",
  tool_results: [],
  pages: ["refund-policy"],
  actions: [{ operation: "refund", order: "77", amount: "30.00 USD", state: "proposed" }],
};

function line(id: string, reply: string, more: Record<string, unknown> = {}): string {
  const { context = {}, verdict = "supported", ...rest } = more;
  return JSON.stringify({
    id,
    lang: "en",
    context: { ...CONTEXT, ...(context as object) },
    reply,
    verdict,
    why: "",
    unsupported_span: null,
    kind: "done",
    ...rest,
  });
}

function run(context: TestContext, lines: readonly string[], ...options: string[]) {
  return runWith(context, {}, lines, ...options);
}

async function runWith(
  context: TestContext,
  environment: NodeJS.ProcessEnv,
  lines: readonly string[],
  ...options: string[]
) {
  const folder = temporaryFolder(context);
  const file = join(folder, "replies.jsonl");
  writeFileSync(file, lines.join("\n"));
  const check = bareCheck;
  const said = { out: "", err: "" };
  const code = await repliesCommand(["--file", file, ...options], {
    judge: checkingJudge(check),
    verifyingJudge: (answers) =>
      verifyingJudge(
        check,
        answers === undefined ? configuredReader(environment) : recordedReader(answers),
      ),
    print: (text) => (said.out += text),
    tell: (text) => (said.err += text),
    progress: () => undefined,
  });
  return { code, ...said };
}

describe("labelled replies", () => {
  test("an action of the bundle, one done before and a page back a reply; a refused one backs its refusal alone", async (context) => {
    const [action] = CONTEXT.actions;
    const having = (state: string) => ({ context: { actions: [{ ...action, state }] } });
    const { code, out } = await run(
      context,
      [
        line("a", "I have refunded 30.00 USD for order 77."),
        line("b", "I have refunded 30.00 USD for order 77.", having("done")),
        line("c", "I have refunded 30.00 USD for order 77.", {
          ...having("denied"),
          verdict: "unsupported",
          kind: "false_done",
        }),
        line("d", "I have refunded 90.00 USD for order 77.", { verdict: "unsupported" }),
        // The page says so; a person who proved nothing may be told what is on a page.
        line("e", "You can ask for a refund within 30 days after delivery.", {
          context: { customer: { id: null, name: null, email: null }, actions: [] },
          lang: "en",
        }),
        line("f", "I am sorry, that is not possible.", having("denied")),
      ],
      "--json",
    );
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), {
      supported: { n: 4, flagged: 0, wait: 0 },
      unsupported: { n: 2, missed: 0, wait: 0 },
      by_kind: {
        done: {
          supported: { n: 4, flagged: 0, wait: 0 },
          unsupported: { n: 1, missed: 0, wait: 0 },
        },
        false_done: {
          supported: { n: 0, flagged: 0, wait: 0 },
          unsupported: { n: 1, missed: 0, wait: 0 },
        },
      },
      by_lang: {
        en: { supported: { n: 4, flagged: 0, wait: 0 }, unsupported: { n: 2, missed: 0, wait: 0 } },
      },
    });
  });

  test("a wrong judgement is shown with the reply and what was found", async (context) => {
    const { out } = await run(context, [
      line("flagged", "I have refunded 90.00 USD.", { kind: "amount" }),
      line("passed", "Thank you for writing.", { verdict: "unsupported", kind: "promise" }),
    ]);
    assert.match(out, /flagged amount, flagged: I have refunded 90\.00 USD\.\n {4}amount: 90\.00/);
    assert.match(out, /passed promise, passed: Thank you/);
    assert.match(out, /supported {4}1 replies, 1 flagged \(100\.0 %\)/);
    assert.match(out, /unsupported {2}1 replies, 1 passed \(100\.0 %\)/);
  });

  test("with the verifier on, a configured model reads each reply, and what it gives no answer about is counted apart", async (context) => {
    const said = { text: "We also sell lamps.", kind: "fact", source: null, quote: null };
    const server = await provider(context, (body, response) =>
      body.includes("Thank you.")
        ? json(response, 200, completion({ content: "fine" }))
        : json(
            response,
            200,
            completion({ content: JSON.stringify({ statements: [said, ...probeFound(body)] }) }),
          ),
    );
    const lines = [
      line("a", "We also sell lamps.", { verdict: "unsupported" }),
      line("b", "Thank you."),
    ];
    const environment = { OPENAI_API_KEY: "none", OPENAI_BASE_URL: server.url };
    const judged = await runWith(context, environment, lines, "--json", "--verifier", "on");
    const { supported, unsupported, unverified, tokens } = JSON.parse(judged.out);
    assert.deepEqual(tokens, { input: 11, output: 5 });
    assert.deepEqual(
      { supported, unsupported, unverified },
      {
        supported: { n: 1, flagged: 0, wait: 0 },
        unsupported: { n: 1, missed: 0, wait: 0 },
        unverified: 1,
      },
    );
    const off = await runWith(context, environment, lines, "--json");
    assert.equal("unverified" in JSON.parse(off.out), false);
    const without = await run(context, lines, "--verifier", "on");
    assert.equal(without.code, 2);
    assert.match(without.err, /OPENAI_API_KEY/);
  });
});
