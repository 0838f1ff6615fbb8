/** Labelled replies are judged against all that their turn knew, and wrong files are named with line and field. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
  const folder = mkdtempSync(join(tmpdir(), "replies-"));
  context.after(() => rmSync(folder, { recursive: true }));
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

  test("one in another language waits, whatever its label, and counts as neither right nor wrong", async (context) => {
    const { out } = await run(
      context,
      [
        line("true", "Wir haben noch nichts erstattet.", { lang: "de" }),
        line("false", "Wir haben alles erstattet.", { lang: "de", verdict: "unsupported" }),
        line("sum", "Wir haben 90.00 USD erstattet.", { lang: "de", verdict: "unsupported" }),
      ],
      "--json",
    );
    const { supported, unsupported } = JSON.parse(out);
    assert.deepEqual(supported, { n: 1, flagged: 0, wait: 1 });
    assert.deepEqual(unsupported, { n: 2, missed: 0, wait: 1 });
  });

  test("the halves share no reply and leave none out", async (context) => {
    const lines = Array.from({ length: 40 }, (_, index) => line(`r-${index}`, "Thank you."));
    const count = async (...options: string[]): Promise<number> => {
      const { out } = await run(context, lines, "--json", ...options);
      return JSON.parse(out).supported.n;
    };
    const [a, b] = [await count("--half", "a"), await count("--half", "b")];
    assert.ok(a > 8 && b > 8, `${a} and ${b}`);
    assert.equal(a + b, 40);
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

  test("a limit takes the same replies every time, of every verdict and language", async (context) => {
    const lines = ["en", "de", "pl"].flatMap((lang) =>
      ["supported", "unsupported"].flatMap((verdict) =>
        Array.from({ length: 20 }, (_, at) =>
          line(`${lang}-${verdict}-${at}`, "Thank you.", { lang, verdict }),
        ),
      ),
    );
    const first = await run(context, lines, "--json", "--limit", "12");
    assert.deepEqual(first, await run(context, lines, "--json", "--limit", "12"));
    const { by_lang } = JSON.parse(first.out);
    for (const lang of ["en", "de", "pl"]) {
      assert.equal(by_lang[lang].supported.n, 2);
      assert.equal(by_lang[lang].unsupported.n, 2);
    }
    assert.equal((await run(context, lines, "--limit", "0")).code, 2);
  });

  test("a wrong file is refused with line and field, and nothing is counted", async (context) => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["{", /replies\.jsonl:2: this is no JSON/],
      [line("x", "Hello", { verdict: "perhaps" }), /replies\.jsonl:2: verdict: /],
      [line("x", "Hello", { context: { today: "soon" } }), /:2: context\.today: /],
      [line("x", "Hello", { context: { pages: ["moon"] } }), /x: context\.pages: no page "moon"/],
    ];
    for (const [wrong, said] of cases) {
      const { code, out, err } = await run(context, [line("ok", "Hello."), wrong]);
      assert.equal(code, 2);
      assert.match(err, said);
      assert.equal(out, "");
    }
    const { code, err } = await run(context, [""]);
    assert.equal(code, 2);
    assert.match(err, /has no replies/);
  });
});
