/** The environment: all problems in one message, groups whole or not at all, and secrets that are never printed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { DeskhandError } from "#core/values/errors.ts";
import {
  environmentWith,
  readConfig,
  showsSamples,
  signsEverybodyIn,
} from "#config/environment.ts";
import { REAL_ENVIRONMENT, SANDBOX_POLICY, SECRET } from "#test/support/real-parts.ts";

const GROUPS = {
  Slack: Object.keys(REAL_ENVIRONMENT).filter((name) => name.startsWith("SLACK")),
  Zendesk: Object.keys(REAL_ENVIRONMENT).filter((name) => name.startsWith("ZENDESK")),
  mail: ["IMAP_HOST", "IMAP_USER", "IMAP_PASS", "SMTP_HOST", "SUPPORT_ADDRESS"],
  shop: ["SHOP_URL", "SHOP_KEY"],
};

/** The lines of the one message, without its first. */
function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    assert.ok(error instanceof DeskhandError && error.code === "config.invalid");
    assert.ok(!error.message.includes(SECRET), error.message);
    const [first = "", ...rest] = error.message.split("\n");
    assert.match(first, new RegExp(`\\b${rest.length} problem`));
    return rest.map((line) => line.replace(/^ {2}- /, ""));
  }
  return [];
}

const namesOf = (problems: readonly string[]): readonly string[] =>
  problems.map((problem) => problem.split(":")[0] ?? "");

describe("the open sign-in of the sandbox", () => {
  const isOpen = (set: Record<string, string>): boolean => signsEverybodyIn(readConfig(set));
  const reached: readonly Record<string, string>[] = [
    { DESKHAND_HOST: "0.0.0.0" },
    { DESKHAND_PUBLIC_URL: "https://help.example" },
    { DESKHAND_PROXIES: "1" },
  ];

  test("ends beside systems of one's own, and with a chat on one's own site", () => {
    assert.equal(isOpen({}), true);
    assert.equal(isOpen({ TOOLS: "adapters/shops/stripe" }), false);
    assert.equal(isOpen({ CHAT_ORIGINS: "http://localhost:8080,https://shop.example" }), false);
    for (const part of [
      { CHAT_ORIGINS: "http://localhost:8080" },
      { CHAT_IDENTITY_SECRET: SECRET },
      { CHAT_IDENTITY_KEYS: "keys.pem" },
    ]) {
      assert.equal(isOpen(part), true, "on this machine it may be tried");
      for (const way of reached) assert.equal(isOpen({ ...part, ...way }), false);
    }
    for (const way of reached) assert.equal(isOpen(way), true);
    const ofTools = (way: Record<string, string>) =>
      showsSamples(readConfig({ TOOLS: "adapters/shops/stripe", ...way }));
    assert.deepEqual([{}, ...reached].map(ofTools), [true, false, false, false]);
  });
});

describe("the environment", () => {
  test("may be empty: everything has a part that stands in for it", () => {
    const { real, environment, isSandboxPolicy } = readConfig({});
    assert.ok(Object.values(real).every((isReal) => !isReal) && isSandboxPolicy);
    assert.equal(environment.DESKHAND_PORT, 4747);
    assert.equal(environment.DESKHAND_HOST, "127.0.0.1");
    assert.equal(environment.DESKHAND_MODEL_PICTURES, "off");
  });

  test("counts a variable that is set to nothing as not set", () => {
    const blank = Object.fromEntries(Object.keys(REAL_ENVIRONMENT).map((name) => [name, " "]));
    assert.deepEqual(
      readConfig({ ...blank, DESKHAND_PORT: "" }).environment,
      readConfig({}).environment,
    );
  });

  for (const [one, other, hint] of [
    ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", ""],
    ["SLACK_CLIENT_SECRET", "SLACK_CLIENT_ID", ""],
    ["DESKHAND_GUARD_OPINION_URL", "DESKHAND_GUARD_OPINION_KEY", ""],
    ["DESKHAND_GUARD_OPINION_KEY", "DESKHAND_GUARD_OPINION_URL", ""],
    ["OPENAI_BASE_URL", "OPENAI_API_KEY", " (any text does for a server without keys)"],
  ] as const)
    test(`names ${other} where ${one} stands without it`, () => {
      const problems = problemsOf({
        ...REAL_ENVIRONMENT,
        OPENAI_API_KEY: "",
        [one]: "https://a.test",
      });
      const line = `${other}: is missing, and ${one} needs it${hint}`;
      assert.ok(problems.includes(line), problems.join("\n"));
    });

  test("tells every problem at once, whatever their kinds are", () => {
    const problems = problemsOf({
      DESKHAND_PORT: "70000",
      DESKHAND_LOG: "loud",
      DESKHAND_PUBLIC_URL: "desk.test",
      DATABASE_URL: `mysql://u:${SECRET}@db/x`,
      REDIS_URL: `http://:${SECRET}@cache`,
      EMBEDDINGS: "cloud",
      CHAT_IDENTITY_SECRET: "short",
      OPENAI_BASE_URL: "http://127.0.0.1:1",
      DESKHAND_MODEL_PICTURES: "on",
      ZENDESK_GROUP_BOT: "one",
      SUPPORT_ADDRESS: "nobody",
      SHOP_URL: "ftp://shop.test",
      DESKHAND_DATA: `/tmp/${"deep/".repeat(30)}`,
    });
    assert.deepEqual([...new Set(namesOf(problems))].toSorted(), [
      "CHAT_IDENTITY_SECRET",
      "DATABASE_URL",
      "DESKHAND_DATA",
      "DESKHAND_LOG",
      "DESKHAND_MODEL_PICTURES",
      "DESKHAND_POLICY",
      "DESKHAND_PORT",
      "DESKHAND_PUBLIC_URL",
      "EMBEDDINGS",
      "IMAP_HOST",
      "IMAP_PASS",
      "IMAP_USER",
      "OPENAI_API_KEY",
      "REDIS_URL",
      "SHOP_KEY",
      "SHOP_URL",
      "SLACK_BOT_TOKEN",
      "SMTP_HOST",
      "SUPPORT_ADDRESS",
      "ZENDESK_GROUP_BOT",
      "ZENDESK_GROUP_SENSITIVE",
      "ZENDESK_GROUP_TIER2",
      "ZENDESK_READER_CLIENT_ID",
      "ZENDESK_READER_CLIENT_SECRET",
      "ZENDESK_URL",
      "ZENDESK_WEBHOOK_SECRET",
      "ZENDESK_WRITER_CLIENT_ID",
      "ZENDESK_WRITER_CLIENT_SECRET",
    ]);
  });

  for (const [group, names] of Object.entries(GROUPS))
    test(`wants all of ${group} or nothing of it, and names what is missing`, () => {
      for (const left of names) {
        const { [left]: gone, ...rest }: Record<string, string> = REAL_ENVIRONMENT;
        assert.ok(gone);
        const missing = problemsOf(rest).filter((problem) =>
          problem.startsWith(`${left}: is missing`),
        );
        assert.ok(missing.length > 0, `no problem names ${left}`);
        const alone = namesOf(problemsOf({ ...withoutAll(names), [left]: gone }));
        for (const other of names)
          assert.equal(alone.includes(other), other !== left, `${left} without ${other}`);
      }
    });

  for (const [lonely, needed] of [
    ["SLACK_HELP_CHANNELS", "SLACK_BOT_TOKEN"],
    ["SMTP_PASS", "SMTP_HOST"],
    ["IMAP_PORT", "IMAP_HOST"],
  ] as const)
    test(`refuses ${lonely} when it has no effect`, () => {
      const problems = problemsOf({ [lonely]: "993" });
      assert.ok(
        problems.some((problem) => problem.startsWith(`${needed}: `) && problem.includes(lonely)),
      );
    });

  test("wants one of the two ways to Slack, and never both", () => {
    const { SLACK_APP_TOKEN: token, ...rest } = REAL_ENVIRONMENT;
    const bySecret = { ...rest, SLACK_SIGNING_SECRET: SECRET };
    assert.deepEqual(problemsOf(bySecret), []);
    const both = problemsOf({ ...bySecret, SLACK_APP_TOKEN: token });
    assert.deepEqual(namesOf(both), ["SLACK_SIGNING_SECRET"]);
    assert.match(both[0] ?? "", /one of them/);
    const neither = problemsOf(rest);
    assert.deepEqual(namesOf(neither), ["SLACK_APP_TOKEN"]);
    assert.match(neither[0] ?? "", /SLACK_SIGNING_SECRET/);
  });

  for (const [what, names] of Object.entries(GROUPS).filter(([group]) => group !== "Slack"))
    test(`never puts a real ${what} together with the sandbox's Slack`, () => {
      const only = Object.fromEntries(
        names.map((name) => [name, Reflect.get(REAL_ENVIRONMENT, name)]),
      );
      const problems = problemsOf({ ...only, DESKHAND_POLICY: SANDBOX_POLICY });
      assert.deepEqual(namesOf(problems), ["SLACK_BOT_TOKEN"]);
      assert.match(problems[0] ?? "", /sandbox's Slack, where every user may approve/);
    });

  test("takes the app beside the tickets for a desk: then Slack may stay unset, in every role", () => {
    const {
      SLACK_BOT_TOKEN,
      SLACK_APP_TOKEN,
      SLACK_APPROVALS_CHANNEL,
      SLACK_ALERTS_CHANNEL,
      ...rest
    } = REAL_ENVIRONMENT;
    assert.ok(
      SLACK_BOT_TOKEN && SLACK_APP_TOKEN && SLACK_APPROVALS_CHANNEL && SLACK_ALERTS_CHANNEL,
    );
    const app = { ZENDESK_APP_INSTALLATION: "4711", ZENDESK_APP_PEM: "MIIB" };
    assert.deepEqual(problemsOf({ ...rest, ...app }), []);
    assert.deepEqual(namesOf(problemsOf(rest)), ["SLACK_BOT_TOKEN"]);
    const { ZENDESK_APP_PEM } = app;
    assert.deepEqual(namesOf(problemsOf({ ...rest, ZENDESK_APP_PEM })), [
      "ZENDESK_APP_INSTALLATION",
    ]);
    const parts = { DATABASE_URL: "postgres://127.0.0.1:1/x", REDIS_URL: "redis://127.0.0.1:1" };
    const apart = { ...rest, ...app, ...parts, DESKHAND_BLOBS: "/tmp/blobs", DESKHAND_ROLE: "web" };
    assert.deepEqual(problemsOf(apart), []);
  });

  test("never puts real people under the sandbox's policy", () => {
    const { DESKHAND_POLICY: policy, ...rest } = REAL_ENVIRONMENT;
    assert.ok(policy);
    assert.deepEqual(namesOf(problemsOf(rest)), ["DESKHAND_POLICY"]);
    const slack = Object.fromEntries(
      GROUPS.Slack.map((name) => [name, Reflect.get(REAL_ENVIRONMENT, name)]),
    );
    assert.deepEqual(namesOf(problemsOf(slack)), ["DESKHAND_POLICY"]);
  });

  test("shows no secret when it is printed", () => {
    const config = readConfig({
      ...REAL_ENVIRONMENT,
      OPENAI_API_KEY: SECRET,
      CHAT_IDENTITY_SECRET: SECRET,
    });
    for (const shown of [
      JSON.stringify(config),
      inspect(config, { depth: 10, showHidden: true }),
      Object.values(config.environment).join(),
    ])
      assert.ok(!shown.includes(SECRET), shown);
    assert.equal(config.environment.OPENAI_API_KEY?.reveal(), SECRET);
  });
});

function withoutAll(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(REAL_ENVIRONMENT).filter(([name]) => !names.includes(name)),
  );
}

describe("the role of a process", () => {
  const APART = {
    ...REAL_ENVIRONMENT,
    DATABASE_URL: "postgres://u@127.0.0.1:1/x",
    REDIS_URL: "redis://127.0.0.1:1",
    DESKHAND_BLOBS: "/srv/blobs",
  };

  test("is everything unless it is named, and the command line wins over the variable", () => {
    assert.equal(readConfig({}).environment.DESKHAND_ROLE, "all");
    const named = environmentWith({ ...APART, DESKHAND_ROLE: "web" }, ["worker"]);
    assert.equal(readConfig(named).environment.DESKHAND_ROLE, "worker");
    assert.deepEqual(environmentWith({ DESKHAND_ROLE: "web" }, []), { DESKHAND_ROLE: "web" });
    assert.throws(() => environmentWith({}, ["web", "worker"]), { code: "config.invalid" });
    assert.deepEqual(namesOf(problemsOf({ DESKHAND_ROLE: "cook" })), ["DESKHAND_ROLE"]);
  });

  for (const role of ["web", "worker", "channels"] as const)
    test(`${role}: what it shares with the others has to be named, all of it in one message`, () => {
      assert.deepEqual(problemsOf({ ...APART, DESKHAND_ROLE: role }), []);
      // Your own systems stand in the place of a shop.
      const own = { ...APART, SHOP_URL: "", SHOP_KEY: "", TOOLS: "tools/mine" };
      assert.deepEqual(problemsOf({ ...own, DESKHAND_ROLE: role }), []);
      assert.deepEqual(namesOf(problemsOf({ DESKHAND_ROLE: role })).toSorted(), [
        "DATABASE_URL",
        "DESKHAND_BLOBS",
        "REDIS_URL",
        "SHOP_URL",
        "SLACK_BOT_TOKEN",
      ]);
      for (const name of ["DATABASE_URL", "REDIS_URL", "DESKHAND_BLOBS"] as const) {
        const problems = problemsOf({ ...APART, DESKHAND_ROLE: role, [name]: "" });
        assert.deepEqual(namesOf(problems), [name]);
        assert.match(problems[0] ?? "", new RegExp(`the role ${role} needs it`));
      }
    });
});

test("a mistake is said with its bounds and with what was written, a secret's and what may be one without", () => {
  const token = "xoxb-1234567890-abcdefghijk";
  assert.deepEqual(
    problemsOf({
      DESKHAND_PORT: "99999",
      DESKHAND_LEASE_SECONDS: "soon",
      DESKHAND_LOG: "loud",
      DESKHAND_PUBLIC_URL: "desk",
      DESKHAND_URGENT_EMAIL: "lea@ourshop",
      DESKHAND_ROLE: token,
      DATABASE_URL: "mysql://a",
      OPENAI_API_KEY: "pass",
      EMBEDDINGS: "pass",
    }).toSorted(),
    [
      "DESKHAND_PUBLIC_URL: must be an address, such as https://shop.example",
      "DESKHAND_PORT: must be a whole number from 0 to 65535; it is “99999”",
      "DESKHAND_LOG: must be one of debug, info, warn, error, silent; it is “loud”",
      "DESKHAND_ROLE: must be one of all, web, worker, channels",
      "DESKHAND_LEASE_SECONDS: must be a whole number from 2 to 600; it is “soon”",
      "DATABASE_URL: must be postgresql://user:password@host/name",
      "EMBEDDINGS: it has to be builtin, off, or openai: and a model",
      "DESKHAND_URGENT_EMAIL: must be a mail address, such as ann@shop.example",
    ].toSorted(),
  );
});

test("of what was written only a short word in the place of a choice or a number is said", () => {
  for (const written of ["abcd efgh", "KEY=hunter2", "hunter2-and-more", "päss", "a\nb"])
    for (const [name, says] of [
      ["DESKHAND_LOG", "must be one of debug, info, warn, error, silent"],
      ["DESKHAND_PORT", "must be a whole number from 0 to 65535"],
    ] as const)
      assert.deepEqual(problemsOf({ [name]: written }), [`${name}: ${says}`]);
  assert.match(problemsOf({ EMBEDDINGS: "hunter2" }).join(), /: and a model$/);
});
