/** Labelled replies are judged against all that their turn knew: made up here, the project's own, and recorded ones. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import { repliesCommand } from "#evals/replies/command.ts";
import {
  checkingJudge,
  configuredReader,
  recordedReader,
  verifyingJudge,
} from "#evals/replies/verifying-judge.ts";
import { sampleCheck } from "#evals/sample-check.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { probeFound } from "#test/support/probed-reading.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { ranOn } from "./ran-on.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { testLong } from "#test/support/tiers.ts";

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

function runWith(
  context: TestContext,
  environment: NodeJS.ProcessEnv,
  lines: readonly string[],
  ...options: string[]
) {
  return ranOn(context, ["replies.jsonl", lines.join("\n")], (file, output) =>
    repliesCommand(["--file", file, ...options], {
      ...output,
      judge: checkingJudge(bareCheck),
      verifyingJudge: (answers) =>
        verifyingJudge(
          bareCheck,
          answers === undefined ? configuredReader(environment) : recordedReader(answers),
        ),
    }),
  );
}

describe("labelled replies", () => {
  test("an action of the bundle, one done before and a page back a reply; a refused one backs its refusal alone", async (context) => {
    const [action] = CONTEXT.actions;
    const having = (state: string) => ({ context: { actions: [{ ...action, state }] } });
    const { code, printed } = await run(
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
    assert.deepEqual(JSON.parse(printed), {
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
    const { printed } = await run(context, [
      line("flagged", "I have refunded 90.00 USD.", { kind: "amount" }),
      line("passed", "Thank you for writing.", { verdict: "unsupported", kind: "promise" }),
    ]);
    assert.match(
      printed,
      /flagged amount, flagged: I have refunded 90\.00 USD\.\n {4}amount: 90\.00/,
    );
    assert.match(printed, /passed promise, passed: Thank you/);
    assert.match(printed, /supported {4}1 replies, 1 flagged \(100\.0 %\)/);
    assert.match(printed, /unsupported {2}1 replies, 1 passed \(100\.0 %\)/);
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
    const { supported, unsupported, unverified, tokens } = JSON.parse(judged.printed);
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
    assert.equal("unverified" in JSON.parse(off.printed), false);
    const without = await run(context, lines, "--verifier", "on");
    assert.equal(without.code, 2);
    assert.match(without.told, /OPENAI_API_KEY/);
  });
});

const Side = z.object({
  n: z.number(),
  flagged: z.number().optional(),
  missed: z.number().optional(),
  wait: z.number(),
});
const Figures = z.object({
  by_lang: z.record(z.string(), z.object({ supported: Side, unsupported: Side })),
});

/** How many honest replies may be flagged and how many others may pass; all but those in English wait for a person. */
const BOUNDS = {
  worked: { flagged: 1, missed: 5, languages: 11 },
  kept: { flagged: 0, missed: 8, languages: 11 },
  /** By twelve writers who had seen no code; English alone. */
  "fresh-2026-11-26": { flagged: 9, missed: 300, languages: 1 },
  /** By two more. */
  "fresh-2026-11-27": { flagged: 1, missed: 48, languages: 1 },
};

/** Judged in the long run alone: the newest of fresh replies and those kept back stand for them. */
const WIDE = ["worked", "fresh-2026-11-26"];

for (const [half, bound] of Object.entries(BOUNDS))
  (WIDE.includes(half) ? testLong : test)(
    `of our own replies (${half}) no more are judged wrongly than before`,
    async () => {
      const printed: string[] = [];
      const judge = checkingJudge(sampleCheck());
      const file = `evals/replies/own/${half}.jsonl`;
      const code = await repliesCommand(["--file", file, "--json"], {
        judge,
        verifyingJudge: () => assert.fail("no model is asked"),
        print: (text) => printed.push(text),
        tell: (text) => assert.fail(text),
        progress: () => undefined,
      });
      assert.equal(code, 0);
      const { by_lang: languages } = Figures.parse(JSON.parse(printed.join("")));
      const read = Object.entries(languages);
      const total = (count: (one: (typeof read)[number][1]) => number): number =>
        read.reduce((sum, [, one]) => sum + count(one), 0);
      assert.ok(total(({ supported }) => supported.n) > 50 && read.length === bound.languages);
      assert.ok(
        total(({ supported }) => supported.flagged ?? 0) <= bound.flagged,
        printed.join(""),
      );
      assert.ok(
        total(({ unsupported }) => unsupported.missed ?? 0) <= bound.missed,
        printed.join(""),
      );
      const isHeld = ([language, { supported }]: (typeof read)[number]): boolean =>
        language === "en" ? supported.wait <= supported.n / 100 : supported.wait === supported.n;
      assert.ok(read.every(isHeld), printed.join(""));
    },
  );

const RECORDING = join(import.meta.dirname, "..", "fixtures", "read-replies");

async function figures(context: TestContext, verifier: "on" | "off") {
  // A request that is not in the recording would be written beside it.
  const answers = temporaryFolder(context);
  cpSync(join(RECORDING, "answers.jsonl"), join(answers, "answers.jsonl"));
  const check = sampleCheck();
  let out = "";
  const options = ["--verifier", verifier, "--answers", answers, "--json"];
  const code = await repliesCommand(["--file", join(RECORDING, "replies.jsonl"), ...options], {
    judge: checkingJudge(check),
    verifyingJudge: (folder) => verifyingJudge(check, recordedReader(folder ?? answers)),
    print: (text) => (out += text),
    tell: assert.fail,
    progress: () => undefined,
  });
  assert.equal(code, 0);
  return JSON.parse(out);
}

test("a recorded reading finds every false reply in eight languages and holds no honest one", async (context) => {
  const { supported, unsupported, unverified, tokens } = await figures(context, "on");
  assert.deepEqual(
    { supported, unsupported, unverified },
    {
      supported: { n: 15, flagged: 0, wait: 0 },
      unsupported: { n: 17, missed: 0, wait: 0 },
      unverified: 0,
    },
  );
  assert.ok(tokens.input < 2_500 && tokens.output < 250, JSON.stringify(tokens));
});

test("without it invented places, products and causes pass, which is why it is asked", async (context) => {
  const { unsupported } = await figures(context, "off");
  assert.ok(unsupported.missed >= 3, JSON.stringify(unsupported));
});
