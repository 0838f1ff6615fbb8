import assert from "node:assert/strict";
import { writeFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, test, type TestContext, before, describe } from "node:test";
import { Command } from "commander";
import { addPolicyCommands } from "#cli/text-commands.ts";
import { berlinText, initText, sandboxText } from "#test/policy/policy-files.ts";
import { migratedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { tmpdir } from "node:os";
import { startControl, type CommandResult } from "#cli/control.ts";
import { runCommand } from "#cli/program.ts";
import { openPolicyBench } from "#test/jobs/policy/bench.ts";
import type { PolicyBench } from "#test/jobs/policy/bench.ts";
import { typed } from "./typed-command.ts";
import { testLong } from "#test/support/tiers.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

const database = migratedDatabase(MAIN_DATABASE);
after(async () => (await database).close());

/** Runs one command line as the command line does, with the sandbox's policy in force. */
async function run(...argv: string[]): Promise<string> {
  const printed: string[] = [];
  const program = new Command("deskhand")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const { store } = await database;
  const policy = { kind: "file", name: SANDBOX_POLICY } as const;
  const print = (text: string): void => void printed.push(text);
  addPolicyCommands(program, { store, clock: { now: () => NOW }, policy, print });
  await program.parseAsync(["policy", ...argv], { from: "user" });
  return printed.join("\n");
}

function written(context: TestContext, text: string): string {
  const folder = temporaryFolder(context);
  const file = join(folder, "deskhand.policy.yaml");
  writeFileSync(file, text);
  return file;
}

function refundOf(amount: string, age = "3"): readonly string[] {
  return ["explain", "--operation", "refund", "--amount", amount, "--order-age", age];
}
const refund = refundOf("9");

test("check says what a valid file allows, asks and denies, with lines", async (context) => {
  const text = await run("check", written(context, sandboxText));
  const line = sandboxText.split("\n").findIndex((one) => one.includes("name: small")) + 1;
  assert.match(text, /^deskhand\.policy\.yaml can be used\. Its version is [0-9a-f]{16}\.$/m);
  assert.match(
    text,
    new RegExp(`Happens by itself:\n  refund\\.small +line ${line} +Refunds up to 10\\.00`),
  );
  assert.match(text, /refund\.large +line \d+ +two people, one of them a lead: /);
  assert.match(text, /Does not happen:\n  refund\.too_late/);
  assert.match(text, /^  email    draft$/m);
  const safe = await run("check", written(context, initText));
  assert.match(safe, /Happens by itself:\n  nothing\n/);
});

test("check warns of a reason that names another amount than its rule has", async (context) => {
  assert.doesNotMatch(await run("check", written(context, sandboxText)), /Warning/);
  const raised = sandboxText.replace("up_to: 10.00", "up_to: 50");
  assert.match(
    await run("check", written(context, raised)),
    /Warning[^]*refund\.small \(line \d+\) says 10\.00, and its amount is 50\.00/,
  );
});

test("check refuses a broken file with every problem and its line", async (context) => {
  const broken = sandboxText
    .replace("up_to: 200.00", 'up_to: "200"')
    .replace("zone: UTC", "zone: Mars");
  const line = sandboxText.split("\n").findIndex((one) => one.includes("up_to: 200.00")) + 1;
  await assert.rejects(run("check", written(context, broken)), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`deskhand\\.policy\\.yaml:${line} operations\\.refund\\.rules\\[3\\]\\.up_to: `),
    );
    assert.match(error.message, /calendar\.zone: is no time zone/);
    return true;
  });
  await assert.rejects(run("check", "/nowhere/at.all"), /\/nowhere\/at\.all cannot be read/);
});

test("explain names the line of the policy in force that decides", async () => {
  const line = sandboxText.split("\n").findIndex((one) => one.includes("name: small")) + 1;
  const text = await run(...refund);
  assert.match(text, /^Refund of 9\.00 USD: it happens by itself\.$/m);
  assert.match(text, new RegExp(`Decided by +refund\\.small, line ${line} of the policy in force`));
  assert.match(text, /small_refunds_for_one \(once in 90 days for each customer\)/);
  assert.doesNotMatch(text, /May approve|Expires/);
});

test("explain reads a file when one is named, and its clock", async (context) => {
  const file = written(context, berlinText);
  const text = await run(...refundOf("140"), "--file", file, "--at", "2026-12-21T14:00");
  assert.match(text, /line \d+ of deskhand\.policy\.yaml/);
  assert.match(text, /At +Monday 21 December 2026, 14:00 \(Europe\/Berlin\)/);
  assert.match(text, /Card goes to +freigaben-geld/);
  assert.match(text, /mia@tischlicht\.example, on duty/);
  const utc = await run(...refund, "--file", file, "--at", "2026-12-21T13:00:00Z");
  assert.match(utc, /At +Monday 21 December 2026, 14:00 \(Europe\/Berlin\)/);
});

test("the days since delivery are counted where the shop is", async (context) => {
  const file = written(context, berlinText);
  const at = ["--file", file, "--at", "2026-12-21T00:30"];
  for (const [age, rule] of [
    ["30", "refund.small"],
    ["31", "refund.too_late"],
  ] as const)
    assert.match(await run(...refundOf("9", age), ...at), new RegExp(`Decided by +${rule}`));
});

test("a brand and a language choose the place of the card", async (context) => {
  const file = written(
    context,
    berlinText.replace(
      "routing:\n",
      "routing:\n  - { name: french, place: equipe, languages: [fr] }\n",
    ),
  );
  const ask = [...refundOf("100"), "--file", file];
  assert.match(await run(...ask), /Card goes to +the desk's own place/);
  assert.match(await run(...ask, "--brand", "Nordlicht"), /Card goes to +freigaben-nordlicht/);
  assert.match(
    await run(...ask, "--brand", "Nordlicht", "--language", "fr"),
    /Card goes to +equipe/,
  );
});

test("a reply is explained by the autonomy of its channel and topic", async (context) => {
  const file = written(context, berlinText);
  const reply = ["explain", "--operation", "reply", "--file", file];
  const line = berlinText.split("\n").findIndex((one) => one.includes("topics: { faq: auto }")) + 1;
  assert.match(
    await run(...reply, "--topic", "faq"),
    new RegExp(`it happens by itself\\.\n\n  Decided by +reply\\.autonomy, line ${line} `),
  );
  assert.match(await run(...reply, "--channel", "slack"), /Reply: it is refused\./);
});

test("for a program the whole explanation is one JSON value", async () => {
  const value: unknown = JSON.parse(await run(...refundOf("640"), "--json"));
  assert.ok(typeof value === "object" && value !== null);
  assert.deepEqual(Object.keys(value), [
    "question",
    "decision",
    "source",
    "approvers",
    "expiresAt",
    "remindAt",
    "place",
    "short",
    "closedText",
    "limits",
  ]);
});

const MISTAKES: Readonly<Record<string, readonly [argv: readonly string[], reason: RegExp]>> = {
  "no operation": [["explain"], /required option '--operation <name>'/],
  "an operation that does not exist": [
    ["explain", "--operation", "refnd"],
    /there is no operation refnd in this policy; did you mean refund\?/,
  ],
  "money for no order": [refund.slice(0, 5), /say --order-age DAYS or --not-delivered/],
  "money without an amount": [
    ["explain", "--operation", "refund", "--order-age", "3"],
    /a refund needs --amount/,
  ],
  "an amount that is none": [refundOf("9,00"), /--amount 9,00: Write the amount as digits/],
  "an order that is old and not delivered": [
    [...refund, "--not-delivered"],
    /cannot be used with option/,
  ],
  "an age that is no number": [refundOf("9", "old"), /--order-age is the number of days/],
  "a level that does not exist": [[...refund, "--level", "4"], /Allowed choices are 0, 1, 2, 3/],
  "a channel that does not exist": [[...refund, "--channel", "fax"], /Allowed choices are/],
  "a time that is none": [
    [...refund, "--at", "tomorrow"],
    /--at tomorrow is no time such as 2026-12-24T20:00/,
  ],
  "an hour that is none": [[...refund, "--at", "2026-12-24T29:00"], /is no time/],
  "a day that is none": [[...refund, "--at", "2026-02-30T10:00"], /is no time/],
};

for (const [sentence, [argv, reason]] of Object.entries(MISTAKES))
  test(`explain refuses ${sentence} in words`, async () => {
    await assert.rejects(run(...argv), reason);
  });

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");
const TWO_PEOPLE = SANDBOX.replace("up_to: 200.00", "up_to: 100.00");

describe("commands about the policy", () => {
  let bench: PolicyBench;
  let folder: string;
  let data: string;
  let control: { close(): Promise<void> };
  before(async () => {
    bench = await openPolicyBench();
    folder = mkdtempSync(join(tmpdir(), "deskhand-policy-"));
    data = mkdtempSync(join(tmpdir(), "deskhand-running-"));
    writeFileSync(join(folder, "old.yaml"), SANDBOX);
    writeFileSync(join(folder, "new.yaml"), TWO_PEOPLE);
    const { store, clock } = bench;
    const policy = { kind: "file", name: "deskhand.policy.yaml" } as const;
    control = await startControl(data, (call) =>
      runCommand({ store, clock, policy, folder: call.folder }, call.argv),
    );
  });
  after(async () => {
    await control.close();
    await bench.close();
    for (const one of [folder, data]) rmSync(one, { recursive: true, force: true });
  });

  const running = (...argv: string[]): Promise<CommandResult> =>
    typed(data, argv, { cwd: folder, home: folder });

  test("diff names what differs, what would be permitted, and the waiting cards of the running Deskhand", async () => {
    const asked = await bench.ask("My headphones broke, please refund order 789");
    const stricter = await running("policy", "diff", "old.yaml", "new.yaml");
    assert.deepEqual([stricter.exitCode, stricter.stderr], [0, ""]);
    assert.match(stricter.stdout, /operations\.refund\.rules\.usual\.up_to: 200 → 100/);
    assert.match(stricter.stdout, /Nothing is permitted that was not permitted before/);
    assert.match(stricter.stdout, new RegExp(`1 of 1 waiting card[^]*${asked.id}`));
    const laxer = await running("policy", "diff", "new.yaml", "./old.yaml");
    assert.match(laxer.stdout, /permits more than the old one/);
  });

  testLong(
    "diff compares two files where nothing is configured, and makes no database for it",
    async () => {
      const nowhere = join(folder, "data");
      const compared = await typed(nowhere, ["policy", "diff", "old.yaml", "new.yaml"], {
        cwd: folder,
        home: folder,
      });
      assert.deepEqual([compared.exitCode, compared.stderr], [0, ""]);
      assert.match(compared.stdout, /up_to: 200 → 100/);
      assert.equal(existsSync(nowhere), false);
      const broken = await typed(nowhere, ["policy", "diff", "old.yaml", "new.yaml"], {
        cwd: folder,
        home: folder,
        environment: {
          DESKHAND_PORT: "many",
        },
      });
      assert.equal(broken.exitCode, 0);
      assert.match(broken.stdout, /up_to: 200 → 100/);
      assert.match(broken.stderr, /waiting cards could not be looked at.*DESKHAND_PORT/s);
    },
  );
});
