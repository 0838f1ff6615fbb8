/** The questions on a terminal: suggestions, help, going back, trying again, leaving. */

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test, describe } from "node:test";
import type { Answers, PartName } from "#cli/init/answers.ts";
import { interview } from "#cli/init/interview.ts";
import { Interrupted, openTerminal } from "#cli/init/terminal.ts";
import type { Finding } from "#core/connection/connection-board.ts";
import { person } from "./person.ts";
import { join } from "node:path";
import { tryPart } from "#cli/init/checks.ts";
import { startingText } from "#cli/init/written-files.ts";
import { openTrial } from "#doctor/trial.ts";
import { CREDENTIALS } from "#sandbox/slack/index.ts";
import { plantedBench, SHOP_KEY, SUPPORT } from "#test/doctor/planted/bench.ts";
import { MODEL, passwordFront } from "#test/doctor/planted/servers.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** Company, hours, money and hosting, with their suggestions. */
const FIRST = ["OurShop", "Europe/Berlin", "", "EUR", "", "", ""];
const NO_SLACK = ["no"];
const PEOPLE = ["lea@ourshop.test", ""];

async function answered(
  lines: readonly string[],
  check?: (part: PartName, answers: Answers, round: number) => readonly Finding[],
) {
  const someone = person(lines);
  let round = 0;
  const answers = await interview({
    terminal: someone.terminal,
    isSkipped: (part, known) =>
      "slack" in known && known.slack === undefined && ["zendesk", "email", "shop"].includes(part),
    check: async (part, known) => {
      round += 1;
      return { answers: known, findings: check?.(part, known, round) ?? [] };
    },
  });
  assert.deepEqual(someone.left, []);
  return { answers, screen: someone.screen };
}

test("the currency is suggested from the time zone that was typed", async () => {
  const { answers } = await answered([
    ...FIRST.with(1, "Europe/London").with(3, ""),
    ...NO_SLACK,
    ...PEOPLE,
    "no",
  ]);
  assert.equal(answers.money?.currency, "GBP");
});

test("an empty line takes the suggestion, and each part says how far one is", async () => {
  const { answers, screen } = await answered([...FIRST, ...NO_SLACK, ...PEOPLE, "no"]);
  assert.equal(answers.company?.name, "OurShop");
  assert.deepEqual(answers.money?.refunds, { alone: 200, most: 1000, days: 30 });
  assert.equal(answers.hours?.zone, "Europe/Berlin");
  const { open } = answers.hours ?? {};
  assert.ok(typeof open === "object");
  assert.deepEqual(
    [open.monday, open.friday, open.sunday],
    ["09:00-17:00", "09:00-17:00", "closed"],
  );
  assert.deepEqual(answers.people, { leads: ["lea@ourshop.test"] });
  assert.equal(answers.zendesk, undefined);
  const steps = screen.filter((line) => line.startsWith("\n["));
  assert.equal(steps[0], "\n[1 of 10] Your company");
  assert.equal(steps.at(-1), "\n[7 of 7] The language model");
});

test("? explains, a wrong answer says what is wrong, and the same question comes again", async () => {
  const { screen, answers } = await answered([
    "OurShop",
    "?",
    "Mars/Olympus",
    ...FIRST.slice(1),
    ...NO_SLACK,
    ...PEOPLE,
    "no",
  ]);
  assert.ok(screen.some((line) => line.includes("IANA name")));
  assert.ok(screen.some((line) => line.includes("✗ is no time zone")));
  assert.equal(answers.hours?.zone, "Europe/Berlin");
});

test("back goes one question back, also over the beginning of a part", async () => {
  const { answers } = await answered([
    "OurShap",
    "back",
    "OurShop",
    "UTC",
    "back",
    "Europe/Berlin",
    ...FIRST.slice(2),
    ...NO_SLACK,
    ...PEOPLE,
    "no",
  ]);
  assert.equal(answers.company?.name, "OurShop");
  assert.equal(answers.hours?.zone, "Europe/Berlin");
});

const TOKENS = ["xoxb-1", "xapp-1", "", "", ""];
const BROKEN: Finding = {
  part: "slack",
  check: "approvals channel",
  state: "problem",
  found: "the app is not in #approvals",
  remedy: "type /invite @Deskhand in #approvals",
};

test("a connection is tried at once, named with its mend, and tried again until it works", async () => {
  const lines = [...FIRST, "yes", ...TOKENS, "", "try", ...PEOPLE, "no", "no", "no", "no"];
  const tries: PartName[] = [];
  const { answers, screen } = await answered(lines, (part) => {
    tries.push(part);
    const count = tries.filter((one) => one === "slack").length;
    return part === "slack" && count < 3 ? [BROKEN] : [];
  });
  assert.equal(tries.filter((part) => part === "slack").length, 3);
  assert.equal(answers.slack?.approvals_channel, "#approvals");
  assert.ok(screen.some((line) => line.includes("→ type /invite @Deskhand")));
  assert.ok(
    screen.every((line) => !line.includes("xoxb-1")),
    "a secret was shown",
  );
});

test("a part that does not work can be skipped", async () => {
  const lines = [...FIRST, "yes", ...TOKENS, "skip", ...PEOPLE, "no"];
  const { answers } = await answered(lines, (part) => (part === "slack" ? [BROKEN] : []));
  assert.equal(answers.slack, undefined);
});

test("changed answers are suggested as they were, secrets unseen", async () => {
  const change = ["change", "", "", "#cards", "", ""];
  const lines = [...FIRST, "yes", ...TOKENS, ...change, "keep", ...PEOPLE, "no", "no", "no", "no"];
  const { answers, screen } = await answered(lines, (part) => (part === "slack" ? [BROKEN] : []));
  assert.equal(answers.slack?.bot_token, "xoxb-1");
  assert.equal(answers.slack.approvals_channel, "#cards");
  assert.ok(screen.some((line) => line.startsWith("Bot token [as before]")));
});

test("a secret is typed without being shown, and Ctrl-C leaves", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const shown = { text: "" };
  output.on("data", (chunk: Buffer) => (shown.text += chunk.toString("utf8")));
  const terminal = openTerminal(input, output);
  const open = terminal.ask("Name: ");
  input.write("Sam\r");
  assert.equal(await open, "Sam");
  const hidden = terminal.ask("Bot token: ", { hidden: true });
  input.write("xoxb-secret\r");
  assert.equal(await hidden, "xoxb-secret");
  assert.match(shown.text, /Name: .*Sam/s);
  assert.match(shown.text, /Bot token: /);
  assert.ok(!shown.text.includes("xoxb"), shown.text);
  const left = terminal.ask("More: ");
  input.write("\u0003");
  await assert.rejects(left, Interrupted);
  terminal.close();
});

test("lines pasted in one go answer the questions that follow, and a secret among them is not shown", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const shown = { text: "" };
  output.on("data", (chunk: Buffer) => (shown.text += chunk.toString("utf8")));
  const terminal = openTerminal(input, output);
  const first = terminal.ask("Name: ");
  input.write("Sam\rxoxb-secret\r\r#cards\r");
  assert.equal(await first, "Sam");
  assert.equal(await terminal.ask("Bot token: ", { hidden: true }), "xoxb-secret");
  assert.equal(await terminal.ask("Zone [UTC]: "), "");
  assert.equal(await terminal.ask("Channel: "), "#cards");
  assert.match(shown.text, /Channel: #cards/);
  assert.ok(!shown.text.includes("xoxb"), shown.text);
  terminal.close();
});

test("a secret gives a sign that it was taken", async () => {
  const { screen } = await answered([
    ...FIRST,
    "yes",
    ...TOKENS,
    ...PEOPLE,
    "no",
    "no",
    "no",
    "no",
  ]);
  assert.ok(screen.includes("  taken, 6 characters"), screen.join("\n"));
});

test("going back from the end asks the last part again and keeps the other answers", async () => {
  const { answers } = await answered([...FIRST, ...NO_SLACK, ...PEOPLE, "no"]);
  const someone = person(["yes", "k-1", "", "", ""]);
  const again = await interview(
    {
      terminal: someone.terminal,
      isSkipped: (part) => ["zendesk", "email", "shop"].includes(part),
      check: async (_part, known) => ({ answers: known, findings: [] }),
    },
    answers,
  );
  assert.deepEqual(someone.left, []);
  assert.equal(again.model?.key, "k-1");
  assert.equal(again.model?.embeddings, "openai:text-embedding-3-small:512");
  assert.equal(again.company?.name, "OurShop");
});

test("a price is asked for only where the try says that none is known", async () => {
  const { answers } = await answered([...FIRST, ...NO_SLACK, ...PEOPLE, "no"]);
  const interviewed = async (lines: readonly string[], known: string) => {
    const someone = person([...lines]);
    const { model } = await interview(
      {
        terminal: someone.terminal,
        isSkipped: (part) => ["zendesk", "email", "shop"].includes(part),
        check: async (part, given) => ({
          answers: given,
          findings:
            part !== "model" || given.model?.name === known || given.model?.price !== undefined
              ? []
              : [{ ...BROKEN, remedy: "set DESKHAND_MODEL_PRICE to its price" }],
        }),
      },
      answers,
    );
    assert.deepEqual(someone.left, []);
    return model;
  };
  const listed = await interviewed(["yes", "k-1", "", "listed", ""], "listed");
  assert.equal(listed?.price, undefined);
  const own = await interviewed(["yes", "k-1", "", "own", "", "change", "1,1", "0,0,0"], "");
  assert.equal(own?.price, "0,0,0");
});

test("advice names the question beside the variable", async () => {
  const remedy = "check SLACK_BOT_TOKEN, and that the app is installed";
  const lines = [...FIRST, "yes", ...TOKENS, "skip", ...PEOPLE, "no"];
  const { screen } = await answered(lines, (part) =>
    part === "slack" ? [{ ...BROKEN, remedy }] : [],
  );
  assert.ok(screen.some((line) => line.includes("→ check SLACK_BOT_TOKEN, and")));
});

test("after a mistake it goes on from the question that the advice names", async () => {
  const remedy = "check user and password in DATABASE_URL";
  const lines = [...FIRST.with(5, "https://desk.ourshop.test"), ...NO_SLACK, ...PEOPLE, "no"];
  const wrong = "postgres://deskhand:typo@db/deskhand";
  const right = "postgres://deskhand:right@db/deskhand";
  const { answers, screen } = await answered(
    lines.toSpliced(6, 1, wrong, "change", right),
    (part, { hosting }) =>
      part === "hosting" && hosting?.database === wrong ? [{ ...BROKEN, remedy }] : [],
  );
  assert.deepEqual(answers.hosting, { public_url: "https://desk.ourshop.test", database: right });
  assert.equal(screen.filter((line) => line.startsWith("Public address")).length, 1);
});

const ASKED = ["hosting", "slack", "email", "shop", "model"];

describe("a typing error in init", { skip: postgresMissing || redisMissing }, () => {
  const bench = plantedBench();

  test("in each part is named, typed again and forgotten", async (context) => {
    const { at } = bench;
    const front = await passwordFront(at.databaseUrl, "right");
    context.after(front.close);
    const { imap, smtp } = at.mail;
    const database = (password: string): string => {
      const url = new URL(at.databaseUrl);
      return Object.assign(url, { host: `127.0.0.1:${front.port}`, password }).href;
    };
    const typed = [
      ["", database("wrong"), "change", database("worng"), "change", database("right")],
      ["yes", CREDENTIALS.botToken, CREDENTIALS.appToken, "#aprovals", "#alerts", ""],
      ["change", "", "", "#approvals", "", ""],
      ["yes", SUPPORT, `${imap.host}:${imap.port}`, `${smtp.host}:${smtp.port}`, "", "wrong"],
      ["change", "", "", "", "", "right"],
      ["yes", `${at.shopUrl}/api`, "wrong", "change", SHOP_KEY],
      ["yes", MODEL.key, `${at.model.url}/v1`, "own-modell-2", "", "change", MODEL.name, ""],
      ["change", "0,0,0"],
    ];
    const { terminal, screen, left } = person(typed.flat());
    const trial = openTrial(startingText());
    context.after(() => trial.close({ isKept: false }));
    const set = {
      DESKHAND_DATA: join(temporaryFolder(context), "data"),
      DESKHAND_POLICY: at.policyFile,
      SLACK_API_URL: bench.slackUrl(),
    };
    const answers = await interview({
      terminal,
      isSkipped: (part) => !ASKED.includes(part),
      check: (part, known) => tryPart(trial, part, { answers: known, set }),
    });
    assert.deepEqual(left, []);
    const problems = screen.filter((line) => /^ {2}✗/.test(line));
    for (const named of [
      /password authentication failed/,
      /password authentication failed/,
      /the app sees no such channel/,
      /IMAP login/,
      /SMTP login/,
      /refuses our key/,
      /`own-modell-2` does not exist/,
      /does not start without the price of own-modell-2/,
      /does not start without the price of own-model-2/,
    ])
      assert.match(problems.shift() ?? "", named, screen.join("\n"));
    assert.deepEqual(problems, []);
    assert.ok(!screen.some((line) => /✓ model/.test(line) && line.includes("own-modell-2")));
    assert.equal(answers.model?.name, MODEL.name);
    // What the advice names is asked again, and nothing before it.
    const times = (begin: string): number => screen.filter((line) => line.startsWith(begin)).length;
    assert.deepEqual(
      ["Public address", "PostgreSQL", "Address of the API", "Key", "Model"].map(times),
      [1, 3, 1, 3, 2],
    );
  });
});
