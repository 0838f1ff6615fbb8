/** A file of answers, the policy made of them, the file of variables, and what is agreed to before both are written. */

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Answers, readAnswers, OpeningHours, PublicAddress, Refunds } from "#cli/init/answers.ts";
import { isSetIn, policyText, variableGroups, variablesIn } from "#cli/init/written-files.ts";
import {
  planVariables,
  readVariables,
  withEnvironmentFile,
  writeVariables,
} from "#config/environment-file.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { agreement, planFiles, writeFiles } from "#cli/init/agreement.ts";
import { fitted } from "#cli/init/terminal.ts";
import { person } from "./person.ts";

const NEEDED = `
company: { name: OurShop }
hours: { zone: Europe/Berlin, open: always }
money: { currency: eur, refunds: "50, 400, 14" }
people: { leads: lea@ourshop.test, support: [sam@ourshop.test] }
`;
const read = (text: string, environment: NodeJS.ProcessEnv = {}) =>
  readAnswers(text, "answers.yaml", { environment, isSet: () => false });

describe("a file of answers", () => {
  test("is read with lists, numbers and secrets by their names", () => {
    const answers = read(`${NEEDED}model: { key: { env: MODEL_KEY } }\n`, { MODEL_KEY: "k-1" });
    assert.equal(answers.money?.currency, "EUR");
    assert.deepEqual(answers.people?.support, ["sam@ourshop.test"]);
    assert.equal(answers.model?.key, "k-1");
  });

  test("is refused with every problem by its field, and without any secret", () => {
    const text = `
company: {}
hours: { zone: Mars, open: sometimes }
money: { currency: XXQ, refunds: "1000, 200, 30" }
slack: { bot_token: secret-text, app_token: xapp-1, approvals_channel: a, alerts_channel: b, colour: red }
model: { key: { env: NOWHERE } }
`;
    assert.throws(
      () => read(text),
      (error: unknown) => {
        assert.ok(error instanceof Error);
        for (const field of [
          "people: is missing",
          "company.name: is missing",
          "hours.zone: is no time zone",
          "hours.open: must be like",
          "money.currency: is no currency",
          "money.refunds: must be three numbers",
          "slack.bot_token: must begin with xoxb-",
          "slack.colour: is not asked for",
          "model.key: the variable NOWHERE is not set",
        ])
          assert.ok(error.message.includes(field), `${field} in\n${error.message}`);
        assert.ok(!error.message.includes("secret-text"));
        return true;
      },
    );
  });

  test("with a part that does not exist names it", () => {
    assert.throws(() => read(`${NEEDED}fax: { number: "1" }\n`), /fax/);
  });
});

describe("what is typed", () => {
  test("as opening hours becomes a week", () => {
    assert.deepEqual(OpeningHours.parse("Mon-Fri 09:00-12:00 13:00-17:00, sat 10:00-14:00"), {
      monday: "09:00-12:00, 13:00-17:00",
      tuesday: "09:00-12:00, 13:00-17:00",
      wednesday: "09:00-12:00, 13:00-17:00",
      thursday: "09:00-12:00, 13:00-17:00",
      friday: "09:00-12:00, 13:00-17:00",
      saturday: "10:00-14:00",
      sunday: "closed",
    });
    const weekend = OpeningHours.parse("sat-mon 08:00-20:00");
    assert.ok(typeof weekend === "object");
    assert.deepEqual([weekend.sunday, weekend.tuesday], ["08:00-20:00", "closed"]);
    for (const wrong of ["mon 9-17", "mon-fri 17:00-09:00", "someday 09:00-17:00", ""])
      assert.equal(OpeningHours.safeParse(wrong).success, false, wrong);
  });

  test("as a public address has TLS, unless it is this machine's own", () => {
    for (const right of ["https://desk.test", "http://localhost:4747", "http://127.0.0.1:4747/"])
      assert.ok(PublicAddress.safeParse(right).success, right);
    for (const wrong of [
      "http://desk.test",
      "http://localhost.desk.test",
      "http://127.0.0.1.nip.io",
    ])
      assert.match(
        PublicAddress.safeParse(wrong).error?.issues[0]?.message ?? "",
        /must begin with https/,
        wrong,
      );
  });

  test("as refund limits is three numbers in order", () => {
    assert.deepEqual(Refunds.parse("200; 1000 30"), { alone: 200, most: 1000, days: 30 });
    for (const wrong of ["200", "200, 100, 30", "1, 2, 3, 4", "a, b, c"])
      assert.equal(Refunds.safeParse(wrong).success, false, wrong);
  });
});

describe("the policy file", () => {
  const answers = {
    company: { name: "Müller & Söhne: Shop" },
    hours: { zone: "Europe/Berlin", open: OpeningHours.parse("daily 08:00-20:00") },
    money: { currency: "EUR", refunds: { alone: 50, most: 400, days: 14 } },
    people: { leads: ["lea@ourshop.test"], support: ["sam@ourshop.test", "U0SAMORTIZ"] },
  };

  test("has the answers in it, keeps its comments, sends nothing and asks before everything", () => {
    const text = policyText(answers);
    const policy = loadPolicy(text, "deskhand.policy.yaml");
    for (const channel of ["email", "zendesk", "slack", "chat"] as const)
      assert.equal(policy.replyAutonomy(channel, ""), "shadow");
    assert.match(text, /Müller & Söhne: Shop support team/);
    assert.match(text, /zone: Europe\/Berlin/);
    assert.match(text, /sunday: 08:00-20:00/);
    assert.ok(!text.includes("lead@example.com") && !text.includes("USD"));
    assert.ok(text.split("\n").filter((line) => /^\s*#/.test(line)).length > 80);
    assert.equal(policy.fallbackLead, "lea@ourshop.test");
    const verdicts = [...text.matchAll(/^ +verdict: (\w+)/gm)].map(([, verdict]) => verdict);
    assert.ok(!verdicts.includes("allow"));
  });

  test("asks a lead alone where the team is one lead", () => {
    const text = policyText({
      ...answers,
      money: { currency: "EUR", refunds: { alone: 0, most: 400, days: 14 } },
      people: { leads: ["lea@ourshop.test"] },
    });
    assert.match(text, /approvers: \{ count: 1, leads: 1 \}/);
    assert.ok(!text.includes("name: usual"));
  });
});

describe("the file of variables", () => {
  const folderOf = (context: TestContext): string => {
    const made = temporaryFolder(context);
    return made;
  };

  test("is written for its owner alone, and read back as it was meant", (context) => {
    const path = join(folderOf(context), ".env");
    const awkward = `# "not" $easy = \\n`;
    const plan = planVariables(path, [
      { heading: "One", variables: [["IMAP_PASS", awkward]] },
      { heading: "Two", variables: [["SHOP_URL", "http://shop.test/a?b=c"]] },
    ]);
    writeVariables(plan);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(
      { ...readVariables(path) },
      { IMAP_PASS: awkward, SHOP_URL: "http://shop.test/a?b=c" },
    );
    assert.match(readFileSync(path, "utf8"), /# One\nIMAP_PASS=/);
  });

  test("has no quotes but where a reader would take the bare text for another value", (context) => {
    const path = join(folderOf(context), ".env");
    const bare = [
      ["DATABASE_URL", "postgresql://a:b@db/deskhand?sslmode=verify-full&sslrootcert=/ca.pem"],
      ["MAIL_FROM_NAME", "OurShop support (team)"],
    ] as const;
    const quoted = [
      ["IMAP_PASS", "p&ss#1"],
      ["SMTP_PASS", "it's $5"],
    ] as const;
    writeVariables(planVariables(path, [{ heading: "One", variables: [...bare, ...quoted] }]));
    const lines = readFileSync(path, "utf8").split("\n");
    for (const [name, value] of bare) assert.ok(lines.includes(`${name}=${value}`), name);
    assert.ok(lines.includes("IMAP_PASS='p&ss#1'"));
    // As "docker run --env-file" gives it.
    assert.deepEqual(withEnvironmentFile({ IMAP_PASS: "'p&ss#1'" }, "/"), { IMAP_PASS: "p&ss#1" });
    for (const value of ["every ' \" ` kind", "'both ends'"])
      assert.throws(
        () => planVariables(path, [{ heading: "One", variables: [["IMAP_PASS", value]] }]),
        /IMAP_PASS: cannot be written/,
      );
    assert.deepEqual({ ...readVariables(path) }, Object.fromEntries([...bare, ...quoted]));
  });

  test("keeps what is there, and says what would change without a secret's value", (context) => {
    const path = join(folderOf(context), ".env");
    writeFileSync(path, "# mine\nSHOP_KEY=old-secret\nSHOP_URL=http://old.test\nOTHER=1", {
      mode: 0o644,
    });
    const plan = planVariables(path, [
      {
        heading: "The shop",
        variables: [
          ["SHOP_KEY", "new-secret"],
          ["SHOP_URL", "http://new.test"],
          ["OTHER", "1"],
          ["DESKHAND_PORT", "1"],
        ],
      },
    ]);
    assert.deepEqual(plan.added, ["DESKHAND_PORT"]);
    assert.deepEqual(plan.changed, [
      { name: "SHOP_KEY", before: null, after: null },
      { name: "SHOP_URL", before: "http://old.test", after: "http://new.test" },
    ]);
    writeVariables(plan);
    const text = readFileSync(path, "utf8");
    assert.match(text, /^# mine\nSHOP_KEY=new-secret\nSHOP_URL=http:\/\/new\.test\nOTHER=1\n/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test("tells that a shop is connected, by its address or by systems of one's own", () => {
    for (const name of ["SHOP_URL", "TOOLS"]) assert.ok(isSetIn({ [name]: "x" }, "shop"), name);
    assert.ok(!isSetIn({ SHOP_URL: "" }, "shop"));
  });

  test("tells that a part is connected whose secret stands in a file of its own", () => {
    assert.ok(isSetIn({ SLACK_BOT_TOKEN_FILE: "/run/secrets/slack" }, "slack"));
    assert.ok(!isSetIn({ ZENDESK_URL_FILE: "/run/secrets/url" }, "zendesk"));
  });

  test("gives way to what the shell has set", (context) => {
    const folder = folderOf(context);
    writeFileSync(join(folder, ".env"), "SHOP_URL=http://file.test\nSHOP_KEY=file\n");
    const merged = withEnvironmentFile({ SHOP_URL: "http://shell.test", SHOP_KEY: "" }, folder);
    assert.deepEqual([merged["SHOP_URL"], merged["SHOP_KEY"]], ["http://shell.test", "file"]);
  });
});

test("a server's port is kept beside its name, and the mailbox is opened by its address unless a name is said", () => {
  const mailbox = { address: "help@shop.test", imap: "imap.shop.test:1143", password: "secret" };
  for (const [more, name] of [
    [{}, "help@shop.test"],
    [{ user: "help" }, "help"],
  ] as const) {
    const answers = Answers.parse({ email: { ...mailbox, ...more, smtp: "smtp.shop.test" } });
    const variables = variablesIn(variableGroups(answers));
    assert.deepEqual(
      [
        variables["IMAP_HOST"],
        variables["IMAP_PORT"],
        variables["SMTP_HOST"],
        variables["SMTP_PORT"],
      ],
      ["imap.shop.test", "1143", "smtp.shop.test", undefined],
    );
    assert.equal(variables["IMAP_USER"], name);
  }
});

const KNOWN = {
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

async function answeredWith(context: TestContext, lines: readonly string[]) {
  const given = { answers: Answers.parse(KNOWN), found: {} };
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
    "Open: monday 09:00-17:00, tuesday",
    "Refunds: one teammate up to 200 EUR, never above 1000",
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

test("what the trial took from the shell is named and not written", (context) => {
  const place = placeIn(context);
  const given = { answers: Answers.parse(KNOWN), found: {} };
  const shell = {
    SLACK_API_URL: "http://127.0.0.1:9/api/",
    OPENAI_API_KEY: "k-1",
    SHOP_KEY_FILE: "/run/secrets/shop",
    HOME: "/nowhere",
  };
  const files = planFiles(place, given, shell);
  writeFiles(files, () => undefined);
  assert.deepEqual(files.inShell.toSorted(), ["OPENAI_API_KEY", "SHOP_KEY_FILE", "SLACK_API_URL"]);
  assert.deepEqual(
    { ...readVariables(place.variablesFile) },
    { DESKHAND_POLICY: "deskhand.policy.yaml" },
  );
});

test("lines are fitted into 80 columns, and no word is broken", () => {
  const text = `  ✗ slack, bot token: ${"something long is said here ".repeat(6)}https://${"x".repeat(90)}`;
  const lines = fitted(text).split("\n");
  assert.ok(lines.length > 2);
  for (const line of lines) assert.ok(line.length <= 80 || /^ *https:\S+$/.test(line), line);
  assert.equal(lines.join(" ").replaceAll(/ +/g, " "), text.replaceAll(/ +/g, " "));
  assert.equal(fitted("Name [none]: "), "Name [none]: ");
});
