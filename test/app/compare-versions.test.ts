/** `deskhand compare`: two versions of a folder, or of its git revisions, play the same solved tickets. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { compareVersions } from "#app/commands/compare-versions.ts";
import { runCommand } from "#cli/program.ts";
import { ticketsSummary } from "#jobs/rehearsal/figures.ts";
import { comparedVersions, versionsText } from "#jobs/rehearsal/compare.ts";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { pastTicket, rehearsedTicket, SAME } from "#test/store/rehearsal/examples.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** Refunds of what was delivered longer ago than yesterday are refused. */
const STRICT = sandboxText.replace("after_days: 30", "after_days: 1");

function desk(folder: string, policy: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "deskhand.policy.yaml"), policy);
}

/** Ann's refund, as a person made it an hour ago. */
function solved() {
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const text = "My headphones from order 789 arrived broken. Please refund order 789.";
  return {
    id: "789",
    customer: "ann@customer.test",
    messages: [{ by: "customer", name: "Ann", text, at }],
    answer: { by: "Sam", text: "I have refunded 120.00 USD for order 789.", at },
    actions: [
      {
        operation: "refund",
        orderId: "789",
        amount: { minor: 12_000, currency: "USD" },
        knownFrom: "ticket",
      },
    ],
    outcome: "answered",
  };
}

async function typed(folder: string, ...argv: string[]) {
  const place = { environment: { EMBEDDINGS: "off" }, folder, progress: () => undefined };
  return comparing((request) => compareVersions(request, place), folder, argv);
}

function comparing(
  compare: NonNullable<Parameters<typeof runCommand>[0]["compare"]>,
  folder: string,
  argv: readonly string[],
) {
  const none = async (): Promise<never> => {
    throw new Error("no data is needed");
  };
  const store = { kind: "pglite", run: none, close: none } as const;
  const clock = { now: () => new Date() };
  return runCommand({ store, clock, folder, compare }, ["compare", ...argv]);
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("deskhand-compare-"));
}

describe("two versions of a folder", () => {
  const committed = (context: TestContext): string => {
    const folder = temporaryFolder(context);
    desk(join(folder, "desk"), sandboxText);
    const git = (...words: string[]) =>
      execFileSync("git", ["-c", "user.name=Lea", "-c", "user.email=lea@ourshop.test", ...words], {
        cwd: folder,
        stdio: "pipe",
      });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "the team's policy");
    desk(join(folder, "desk"), STRICT);
    return folder;
  };

  test("what the second breaks is counted, named, and ends the command with 1", async (context) => {
    const folder = committed(context);
    const file = join(folder, "solved.jsonl");
    writeFileSync(file, `${JSON.stringify(solved())}\n`);
    const broken = await typed(folder, "HEAD:desk", "desk", "--file", file);
    assert.match(
      broken.stdout,
      /^fixes 0, breaks 1, 0 to look at\n1 ticket, rehearsal rules, no AI/,
    );
    assert.match(broken.stdout, /\nBreaks:\n {2}789: same with person → (differs|wrong)/);
    assert.deepEqual([broken.exitCode, broken.stderr], [1, ""]);
    assert.deepEqual(leftovers(), []);
  });

  test("a mistake in either version is said before anything is played", async (context) => {
    const folder = committed(context);
    desk(join(folder, "desk"), sandboxText.replace("verdict: deny", "verdict: never"));
    const wrong = await typed(folder, "HEAD:desk", "desk");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /^desk: .*deskhand\.policy\.yaml:\d+ .*verdict/);
    const none = await typed(folder, "HEAD:desk", "HEAD:elsewhere");
    assert.match(none.stderr, /^HEAD:elsewhere: .*neither a folder nor one of a git revision/);
    mkdirSync(join(folder, "empty"));
    assert.match((await typed(folder, "HEAD:desk", "empty")).stderr, /^empty: .*has none of/);
    assert.deepEqual(leftovers(), []);
  });
});

const differs = { ...SAME, sameOutcome: false };
const wrong = {
  ...SAME,
  wrongActions: [
    {
      operation: "refund",
      orderId: "789",
      amount: { minor: 500, currency: "USD" },
      why: "not_taken" as const,
      risk: { minor: 500, currency: "USD" },
    },
  ],
};

const END = {
  id: "r",
  state: "stopped",
  reason: "the ceiling of 5.00 USD is reached",
  played: 5,
  of: 6,
  before: 0,
  failed: [],
  summary: ticketsSummary([]),
} as const;

test("a wrong answer without a person is worse than one with; other words alone are no difference", () => {
  const risky = { comparison: wrong, moneyAtRisk: [{ minor: 500, currency: "USD" }] };
  const versions: Readonly<
    Record<string, readonly [Partial<RehearsedTicket>, Partial<RehearsedTicket>]>
  > = {
    alike: [{ comparison: SAME }, { comparison: SAME, draft: { text: "Other.", sources: [] } }],
    better: [{ comparison: differs }, { comparison: SAME }],
    alone: [
      { ...risky, route: "with_person" },
      { ...risky, route: "alone" },
    ],
    route: [
      { comparison: SAME, route: "with_person" },
      { comparison: SAME, route: "alone" },
    ],
    unknown: [
      { comparison: SAME },
      { comparison: { ...SAME, sameAction: null, sameOutcome: null } },
    ],
  };
  const result = (which: 0 | 1) => ({
    end: { ...END, played: which === 0 ? 5 : 4 },
    source: "zendesk",
    model: "one",
    isRehearsalModel: false,
    leftOut: [],
    tickets: Object.entries(versions).map(([id, pair]) =>
      rehearsedTicket({ moneyAtRisk: [], ...pair[which], ticket: pastTicket({ id }) }),
    ),
  });
  const text = versionsText(comparedVersions(result(0), result(1)));
  assert.equal(
    text,
    [
      "fixes 1, breaks 1, 2 to look at",
      "5 tickets, one",
      "Not all played before: 5 of 6, the ceiling of 5.00 USD is reached",
      "Not all played after: 4 of 6, the ceiling of 5.00 USD is reached",
      "Money at risk: 5.00 USD before, 5.00 USD after",
      "Without a person: none before, 5.00 USD after",
      "",
      "Breaks:",
      "  alone: wrong with person, 5.00 USD at risk → wrong alone, 5.00 USD at risk",
      "",
      "To look at:",
      "  route: same with person → same alone",
      "  unknown: same with person → unknown with person",
      "",
      "Fixes:",
      "  better: differs with person → same with person",
    ].join("\n"),
  );
});

test("tickets that were not played leave the others compared, and end the command with 2", async () => {
  const kept = { source: "zendesk", model: "one", isRehearsalModel: false, leftOut: [] };
  const failed = Array.from({ length: 7 }, (_, at) => `t${at}: away`);
  const result = { ...kept, end: { ...END, failed }, tickets: [rehearsedTicket()] };
  const ended = await comparing(async () => comparedVersions(result, result), "/", ["a", "b"]);
  assert.match(
    ended.stdout,
    /^fixes 0, breaks 0, .*\n1 ticket, one\nNot all played before: 5 of 6.*\n7 could not be played:(\n  t\d: away){5}\n  and 2 more\nNot all played after/,
  );
  assert.equal(ended.exitCode, 2);
});
