/** The log tells what happened and to which row, never whose words or which credentials were in it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { redact } from "#telemetry/log.ts";
import { processorClock } from "#test/support/processor-time.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Made of pieces, so that scanners for leaked keys do not report these. */
const TOKEN = "k7qp2".repeat(5);
const CREDENTIALS = {
  "a Slack bot token": `xoxb-1234567890-${TOKEN}`,
  "a Slack user token": `xoxp-1234567890-${TOKEN}`,
  "a rotating Slack token": `xoxe.xoxb-1-${TOKEN}`,
  "a Slack app token": `xapp-1-A0B1-${TOKEN}`,
  "a model key": `sk-proj-${TOKEN}`,
  "a secret of our own making": `${"Zx9".repeat(3)}${TOKEN}_-aB`,
  "a signed identity": `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MTIzIn0.${TOKEN}`,
} as const;

describe("a sentence", () => {
  for (const [what, secret] of Object.entries(CREDENTIALS))
    test(`loses ${what}, at any place`, () => {
      for (const around of [
        (inner: string) => inner,
        (inner: string) => `401 for ${inner}: revoked`,
        (inner: string) => `{"token":"${inner}"}`,
        (inner: string) => `https://api.test/x?token=${inner}&y=1`,
        (inner: string) => `(${inner}), '${inner}'`,
      ]) {
        const shown = redact(around(secret));
        assert.ok(!shown.includes(TOKEN), shown);
      }
    });

  test("loses an address that is written as in a link", () => {
    assert.equal(
      redact("GET /customers?email=ann%2Bshop%40customer.test&page=2 failed"),
      "GET /customers?email=[address]&page=2 failed",
    );
  });

  test("loses what an Authorization header says, of every kind", () => {
    for (const header of [
      `Authorization: Bearer ${TOKEN}`,
      `authorization: bearer ${TOKEN}==`,
      `Authorization: Basic ${TOKEN}=`,
      `"authorization":"Bearer ${TOKEN}"`,
      `Authorization: Token ${TOKEN}`,
      `authorization=${TOKEN}`,
    ])
      assert.ok(!redact(`GET / failed with ${header}, 401`).includes(TOKEN), header);
  });

  test("loses the user and password of a connection URL, and keeps where it leads", () => {
    for (const [url, host] of [
      ["postgres://deskhand:s3cr%40et@db.internal:5432/desk", "db.internal:5432/desk"],
      ["redis://:s3cret@cache.internal:6379/0", "cache.internal:6379/0"],
      ["rediss://default:s3cret@cache.internal", "cache.internal"],
      ["https://s3cret@shop.internal/api", "shop.internal/api"],
      ["postgres://deskhand:p@ss:s3cret@db.internal/desk", "db.internal/desk"],
      ["smtp://ann%40customer.test:s3cret@mail.internal:465", "mail.internal:465"],
    ] as const) {
      const shown = redact(`cannot connect to ${url} (ECONNREFUSED)`);
      assert.doesNotMatch(shown, /s3cr|p@ss|customer/);
      assert.ok(shown.includes(host) && shown.includes("ECONNREFUSED"), shown);
    }
  });

  test("loses passwords and keys in the query of an address", () => {
    for (const name of [
      "password",
      "token",
      "access_token",
      "api_key",
      "apikey",
      "client_secret",
      "code",
    ])
      assert.ok(!redact(`https://x.test/a?${name}=${TOKEN}&page=2`).includes(TOKEN), name);
    assert.match(redact("https://x.test/a?page=2"), /page=2/);
  });

  test("loses mail addresses of every script", () => {
    for (const address of [
      "ann@customer.test",
      "Ann.Fields+desk@mail.customer.test",
      "jörg@bücher.example",
      "用户@例子.公司",
      "o'neil@customer.test",
      "root@localhost",
      "ann@[127.0.0.1]",
    ])
      for (const around of [`<${address}>`, `to ${address}: refused`, `mailto:${address}?x`]) {
        const shown = redact(around);
        const [local = "", domain = ""] = address.split("@");
        assert.ok(!shown.includes(local) && !shown.includes(domain), shown);
      }
  });

  test("keeps what is needed to find the row again", () => {
    for (const words of [
      "refund:ourshop:789:0 failed at 2026-03-01T10:00:00.000Z",
      "reply:c_1f2e:0123456789abcdef0123456789abcdef",
      "conversation c_0a1b2c, turn t_3d4e5f, 502 Bad Gateway",
      "channel.refused: Slack failed on chat.postMessage: channel_not_found",
      "ECONNREFUSED 127.0.0.1:6379",
    ])
      assert.equal(redact(words), words);
  });

  test("of any length is worked through in no time", () => {
    const tookMs = processorClock();
    for (const piece of [
      "a",
      "a@",
      "a.",
      "://",
      "//a:",
      "eyJa.",
      "xoxb-",
      "password=",
      "Bearer ",
      "-",
    ])
      redact(piece.repeat(100_000));
    assert.ok(tookMs() < 3_000);
  });
});

const Line = z.looseObject({ level: z.string(), msg: z.string() });

/** Runs a few lines against a log of a process of its own and gives what it wrote to standard error. */
async function logged(level: string, lines: string): Promise<readonly z.infer<typeof Line>[]> {
  const code = `
    import { createLog } from "#telemetry/log.ts";
    import { nowWorkingOn, workingOn } from "#core/contracts/ports.ts";
    const log = createLog(${JSON.stringify(level)});
    const token = ${JSON.stringify(TOKEN)};
    ${lines}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (printed.out += String(chunk)));
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  await once(child, "close");
  assert.equal(printed.out, "", "standard output is for people");
  return printed.error
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Line.parse(JSON.parse(line)));
}

describe("a line", () => {
  test("says its level in a word, who wrote it, and what it was about", async () => {
    const [line, after] = await logged(
      "info",
      `const own = createLog("warn", { process: { role: "worker", version: "1.2.3" } });
      await workingOn({ conversation: "c_1", message: "<1.ann@customer.test>" }, async () => {
        nowWorkingOn({ turn: "t_1" });
        await Promise.resolve();
        own.warn("about it");
      });
      own.warn("about nothing");`,
    );
    assert.ok(line);
    const { role, version, conversation, turn, message, pid, host, level } = line;
    assert.deepEqual([level, role, version], ["warn", "worker", "1.2.3"]);
    assert.deepEqual([conversation, turn, message], ["c_1", "t_1", "<[address]>"]);
    assert.ok(after !== undefined && !("conversation" in after) && !("turn" in after));
    assert.ok(Number(pid) > 0 && String(host) !== "");
  });

  test("loses credentials and addresses at any depth, in lists, errors and their causes", async () => {
    const lines = await logged(
      "info",
      `
      log.warn("plain", { reason: "Bearer " + token });
      log.warn("nested", { a: { b: { c: { d: { reason: "mail to ann@customer.test" } } } } });
      log.warn("list", { tried: ["redis://:" + token + "@cache", { url: "xoxb-1-" + token }] });
      const cause = new Error("postgres://u:" + token + "@db refused");
      log.error("error", { error: new Error("for ann@customer.test", { cause }) });
      log.error("inner", { inner: { error: Object.assign(new Error("x"), { token, headers: { Authorization: token } }) } });
      log.error("map", { map: new Map([["a", token]]), set: new Set([token]), bytes: Buffer.from(token) });
      const circle = { name: "circle" }; circle.self = circle;
      log.error("circle", { circle });
      log.warn("sk-" + token, {});
      `,
    );
    assert.deepEqual(
      lines.slice(0, -1).map(({ msg }) => msg),
      ["plain", "nested", "list", "error", "inner", "map", "circle"],
    );
    const text = JSON.stringify(lines);
    assert.ok(!text.includes(TOKEN), text);
    assert.doesNotMatch(text, /customer\.test/);
    assert.match(text, /@?cache/);
    assert.match(text, /refused/, "the cause of an error is worth telling");
  });

  test("loses a value under a telling name, however it is written, at any depth", async () => {
    const names = [
      "authorization",
      "Authorization",
      "token",
      "botToken",
      "access_token",
      "x-api-key",
      "apiKey",
      "clientSecret",
      "secret",
      "password",
      "pass",
      "IMAP_PASS",
      "cookie",
      "set-cookie",
      "text",
      "body",
      "html",
      "email",
      "subject",
    ];
    const lines = await logged(
      "info",
      `for (const name of ${JSON.stringify(names)}) {
        log.info("top", { [name]: token });
        log.info("deep", { a: [{ b: { c: { d: { [name]: { inner: token } } } } }] });
      }`,
    );
    assert.equal(lines.length, names.length * 2);
    for (const [index, line] of lines.entries())
      assert.ok(!JSON.stringify(line).includes(TOKEN), names[Math.floor(index / 2)]);
  });

  test("keeps ids, codes, counts and times", async () => {
    const [line] = await logged(
      "info",
      `log.info("effect not done", { effect: "refund:ourshop:789:0", attempts: 3, retry: true, at: new Date(0), nothing: null, code: "shop.refused", tokens: 12, passages: 4, deep: { list: [{ of: { some: { depth: "kept" } } }] } });`,
    );
    assert.ok(line);
    const { level, time, host: _host, pid: _pid, ...rest } = line;
    assert.equal(level, "info");
    assert.ok(Number(time) > 0);
    assert.deepEqual(rest, {
      msg: "effect not done",
      role: "command",
      effect: "refund:ourshop:789:0",
      attempts: 3,
      retry: true,
      at: "1970-01-01T00:00:00.000Z",
      nothing: null,
      code: "shop.refused",
      tokens: 12,
      passages: 4,
      deep: { list: [{ of: { some: { depth: "kept" } } }] },
    });
  });
});

test("a full disk under the log costs lines, not the process, and is told", async () => {
  const program = `
    import { createLog } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    import { logTrouble } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    const log = createLog("info", { file: "/dev/full" });
    for (let line = 0; line < 3; line += 1) log.warn(\`line \${line}\`);
    setTimeout(() => process.stdout.write(\`on: \${logTrouble()}\`), 50);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const shown = { text: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (shown.text += chunk));
  await once(child, "close");
  assert.match(shown.text, /^on: log lines cannot be written \(ENOSPC/);
});

test("beside a file a person at a terminal gets errors alone, as sentences that their terminal does not obey", async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "deskhand.log");
  const program = `
    import { createLog } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    const log = createLog("warn", { file: ${JSON.stringify(file)}, screen: "words" });
    log.warn("slow", {});
    log.error("an inbox needs login", { reason: "the password\\n was\\u001b[2J refused", inbox: "a" });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const shown = { text: "" };
  child.stderr.setEncoding("utf8").on("data", (chunk) => (shown.text += chunk));
  await once(child, "close");
  assert.equal(shown.text, "✗ an inbox needs login: the password  was [2J refused (inbox a)\n");
  assert.equal(readFileSync(file, "utf8").trim().split("\n").length, 2);
});
