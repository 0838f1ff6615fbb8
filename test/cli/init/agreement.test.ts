/** What is shown before the files are written, and which answers write them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { agreement, planFiles, writeFiles } from "#cli/init/agreement.ts";
import { Answers } from "#cli/init/answers.ts";
import { fitted, type Terminal } from "#cli/init/terminal.ts";
import { readVariables } from "#config/environment-file.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const NEEDED = {
  company: { name: "OurShop" },
  hours: { zone: "Europe/Berlin", open: "mon-fri 09:00-17:00" },
  money: { currency: "EUR", refunds: "200, 1000, 30" },
  people: { leads: "lea@ourshop.test", support: "sam@ourshop.test" },
};

function placeIn(context: TestContext, hasPolicy = false) {
  const folder = temporaryFolder(context);
  return {
    variablesFile: join(folder, ".env"),
    policyFile: join(folder, "deskhand.policy.yaml"),
    policyName: "deskhand.policy.yaml",
    hasPolicy,
  };
}

function person(lines: readonly string[]) {
  const left = [...lines];
  const screen: string[] = [];
  const terminal: Terminal = {
    say: (text) => void screen.push(text),
    async ask(prompt) {
      screen.push(prompt);
      const line = left.shift();
      assert.ok(line !== undefined, `nothing is left to type:\n${screen.join("\n")}`);
      return line;
    },
    close: () => undefined,
  };
  return { terminal, screen, left };
}

async function answeredWith(context: TestContext, lines: readonly string[]) {
  const given = { answers: Answers.parse(NEEDED), found: {} };
  const someone = person(lines);
  const files = planFiles(placeIn(context), given, {});
  const verdict = await agreement(files, {
    say: () => assert.fail("it is said on the terminal"),
    terminal: someone.terminal,
    options: { start: true },
  });
  assert.deepEqual(someone.left, []);
  return { verdict, screen: someone.screen.join("\n") };
}

test("only yes and Enter write; ? explains, back goes back, anything else asks again", async (context) => {
  assert.equal((await answeredWith(context, [""])).verdict, "write");
  assert.equal((await answeredWith(context, ["Yes"])).verdict, "write");
  assert.equal((await answeredWith(context, ["no"])).verdict, "stopped");
  assert.equal((await answeredWith(context, ["back"])).verdict, "back");
  const asked = await answeredWith(context, ["?", "maybe", "n"]);
  assert.equal(asked.verdict, "stopped");
  assert.match(asked.screen, /\.env gets the variables, readable by you alone/);
  assert.match(asked.screen, /must be yes, no or back/);
});

test("what the policy will say is shown in words", async (context) => {
  const { screen } = await answeredWith(context, ["no"]);
  for (const words of [
    "Company: OurShop",
    "Open: monday to friday 09:00-17:00; saturday to sunday closed (Europe/Berlin)",
    "Refunds up to 200 EUR: one teammate approves",
    "Refunds up to 1000 EUR: two people, one of them a lead must approve",
    "Refunds above 1000 EUR, or later than 30 days after delivery: never",
    "Leads: lea@ourshop.test",
    "Support: sam@ourshop.test",
  ])
    assert.ok(screen.includes(words), `${words} in\n${screen}`);
});

test("where nothing is to be written it asks about the start instead", async (context) => {
  const place = placeIn(context, true);
  const given = { answers: {}, found: {} };
  writeFiles(planFiles(place, given, {}), () => undefined);
  const files = planFiles(place, given, {});
  const verdicts: string[] = [];
  for (const typed of ["", "no"]) {
    const { terminal, screen } = person([typed]);
    const asking = { say: () => undefined, terminal, options: { start: true } };
    verdicts.push(await agreement(files, asking));
    assert.ok(screen.some((line) => line.startsWith("Start it once now")));
    assert.ok(screen.every((line) => !line.startsWith("Write this")));
  }
  assert.deepEqual(verdicts, ["start", "done"]);
});

test("what the trial took from the shell is written too, but no secret and nothing of others", (context) => {
  const place = placeIn(context);
  const given = { answers: Answers.parse(NEEDED), found: {} };
  const shell = {
    SLACK_API_URL: "http://127.0.0.1:9/api/",
    OPENAI_API_KEY: "k-1",
    DESKHAND_LOG: "debug",
    DESKHAND_CRASH_AT: "effect.done",
    DESKHAND_CLOCK_SHIFT_SECONDS: "60",
    HOME: "/nowhere",
  };
  const files = planFiles(place, given, shell);
  writeFiles(files, () => undefined);
  assert.deepEqual(files.secretsInShell, ["OPENAI_API_KEY"]);
  assert.deepEqual(
    { ...readVariables(place.variablesFile) },
    { DESKHAND_POLICY: "deskhand.policy.yaml", SLACK_API_URL: "http://127.0.0.1:9/api/" },
  );
  const again = planFiles({ ...place, hasPolicy: true }, given, { ...shell, SLACK_API_URL: "x" });
  assert.deepEqual([again.variables.added, again.variables.changed], [[], []]);
});

test("lines are fitted into 80 columns, and no word is broken", () => {
  const text = `  ✗ slack, bot token: ${"something long is said here ".repeat(6)}https://${"x".repeat(90)}`;
  const lines = fitted(text).split("\n");
  assert.ok(lines.length > 2);
  for (const line of lines) assert.ok(line.length <= 80 || /^ *https:\S+$/.test(line), line);
  assert.equal(lines.join(" ").replaceAll(/ +/g, " "), text.replaceAll(/ +/g, " "));
  assert.equal(fitted("Name [none]: "), "Name [none]: ");
});
