/** The doctor without a running process: where it looked, folders apart, single probes, and every mistake of a person that was planted. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test, describe, type TestContext } from "node:test";
import { currentPolicy, loadPolicy } from "#policy/load-policy.ts";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { connectedBeside } from "#doctor/trial.ts";
import { examineHere, examineRunning } from "#doctor/index.ts";
import { diskBlobs, sharedPlace } from "#store/blobs/shared-place.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { silentLog } from "#test/store/bench.ts";
import { placeEmbedded } from "#test/support/embedded.ts";
import { migratedFreshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import type { Finding } from "#core/connection/connection-board.ts";
import { redisMissing } from "#test/support/redis.ts";
import { plantedBench, type Rows } from "#test/doctor/planted/bench.ts";
import { MACHINE_ROWS } from "#test/doctor/planted/machine-rows.ts";
import { SERVICE_ROWS } from "#test/doctor/planted/service-rows.ts";
import { VENDOR_ROWS } from "#test/doctor/planted/vendor-rows.ts";
import type { RequestListener } from "node:http";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { unopened } from "#doctor/mends.ts";
import { clockFindings, shopFinding, signatureFindings, toolFindings } from "#doctor/probes.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import { listen } from "#test/support/http-front.ts";

const WITHOUT_MAIL = Object.fromEntries(
  Object.entries(REAL_ENVIRONMENT).filter(([name]) => !/^(IMAP|SMTP|SUPPORT|MAIL)_/.test(name)),
);
const NOBODY_THERE = "127.0.0.1:1";

test(
  "a worker's doctor says where it looked, and names a folder for mails that is not the others'",
  { skip: postgresMissing },
  async (context) => {
    const database = await migratedFreshDatabase();
    context.after(() => database.drop());
    const [data, theirs] = [temporaryFolder(context), temporaryFolder(context)];
    const own = temporaryFolder(context);
    const store = await openStore({ databaseUrl: database.url, folder: data, log: silentLog });
    await sharedPlace(store, diskBlobs(theirs)).begin();
    await store.close();

    const examined = (blobs: string, more: NodeJS.ProcessEnv = {}) =>
      examineHere({
        ...WITHOUT_MAIL,
        ...more,
        SLACK_API_URL: `http://${NOBODY_THERE}/api/`,
        DATABASE_URL: database.url,
        REDIS_URL: `redis://${NOBODY_THERE}`,
        DESKHAND_DATA: data,
        DESKHAND_ROLE: "worker",
        DESKHAND_BLOBS: blobs,
      });
    const found = await examined(own, { DESKHAND_BLOB: "misspelt" });
    const of = (part: string) => found.filter((finding) => finding.part === part);
    assert.deepEqual(
      of("configuration").map(({ state, check }) => [state, check]),
      [["warning", "DESKHAND_BLOB"]],
    );
    assert.deepEqual(
      of("process").map(({ state, found: where }) => [state, where]),
      [
        [
          "ok",
          `beside no running process (role worker, data folder ${data}), with the variables of this shell`,
        ],
      ],
    );
    // A worker starts no stand-in, so what is not connected is not replaced by one.
    const missing = found.filter((finding) => finding.found.startsWith("not connected"));
    assert.notEqual(missing.length, 0);
    for (const { part, found: words } of missing) assert.match(words, /it is not used$/, part);
    const [folder] = of("mails and files");
    assert.equal(folder?.state, "problem");
    assert.match(folder?.remedy ?? "", /DESKHAND_BLOBS/);
    const withMail = await examined(theirs, {
      DESKHAND_URGENT_EMAIL: "duty@shop.test",
      SHOP_URL: "",
      SHOP_KEY: "",
      TOOLS: join(import.meta.dirname, "../../adapters/shops/stripe"),
    });
    // Systems of your own are looked at as such, and no shop is missed beside them.
    const shops = [found, withMail].map((findings) => findings.some(({ part }) => part === "shop"));
    assert.deepEqual(shops, [true, false]);
    const [here] = withMail.filter(({ part }) => part === "mails and files");
    assert.equal(here?.state, "ok", here?.found);
    // A second way for what is delicate: named while no address is mailed, and while nothing can be sent.
    const urgent = [found, withMail].map((findings) =>
      findings.find(({ check }) => check === "urgent mail"),
    );
    assert.deepEqual(
      urgent.map((finding) => finding?.state),
      ["warning", "problem"],
    );
    assert.match(urgent[0]?.found ?? "", /DESKHAND_URGENT_EMAIL is not set/);
    assert.match(urgent[1]?.found ?? "", /nothing can be mailed to duty@shop\.test/);
  },
);

test("a running process names the signing secret whose requests it refused, and looks without its database, too", async (context) => {
  const data = temporaryFolder(context);
  const config = readConfig({
    ...WITHOUT_MAIL,
    SLACK_API_URL: `http://${NOBODY_THERE}/api/`,
    DESKHAND_PUBLIC_URL: "https://desk.example",
    DESKHAND_DATA: data,
  });
  placeEmbedded(data, "migrated");
  const store = await openStore({ databaseUrl: null, folder: data, log: silentLog });
  context.after(() => store.close());
  await migrate(store);
  const policy = currentPolicy(loadPolicy(readPolicyFile(config), config.policyFile));
  const given: Parameters<typeof examineRunning>[0] = {
    config,
    store,
    clock: { now: () => new Date() },
    connections: await connectedBeside({ config, store, policy, log: silentLog }),
    policy,
    blobPlace: sharedPlace(store, diskBlobs(data)),
    queue: { ping: async () => undefined },
    url: `http://${NOBODY_THERE}`,
    checkTools: async () => [],
    offered: [],
    unverified: new Map([["slack", { count: 2, reason: "signed with another secret" }]]),
    needs: {
      database: { required: true, reason: null },
      channels: { required: true, reason: "support@shop.example: away" },
      log: { required: false, reason: "the disk is full" },
    },
  };
  const found = await examineRunning(given);
  const finding = found.find(({ check }) => check === "signing secret");
  assert.match(finding?.found ?? "", /^2 requests were refused/);
  const away = found.filter(({ part, state }) => part === "process" && state !== "ok");
  assert.deepEqual(
    away.map(({ check, state, found: reason, remedy }) => [check, state, reason, remedy]),
    [
      ["channels", "problem", "support@shop.example: away", "docs/runbooks/channel-silent.md"],
      ["log", "warning", "the disk is full", "docs/runbooks/log-full.md"],
    ],
  );
  assert.ok(away.every(({ means = "" }) => means !== ""));
  const folder = temporaryFolder(context);
  const lost = await openStore({
    databaseUrl: null,
    folder,
    log: silentLog,
    embedded: "in memory",
  });
  await lost.close();
  const without = await examineRunning({ ...given, store: lost });
  assert.equal(without.find(({ part }) => part === "database")?.state, "problem");
  assert.ok(
    without.some(({ part }) => part === "process"),
    "everything else is told all the same",
  );
});

const ROWS: Rows = { ...MACHINE_ROWS, ...VENDOR_ROWS, ...SERVICE_ROWS };

/** What is said of every installation without a mailbox or a model. */
const STANDING = /^(?:email urgent mail|model key): /;

/** What an operator has to read, as it is printed. */
function named(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ state }) => state === "problem" || state === "warning")
    .map(({ part, check, found, remedy }) => `${part} ${check}: ${found} → ${remedy ?? ""}`);
}

describe("a mistake of a person", { skip: postgresMissing || redisMissing }, () => {
  const bench = plantedBench();
  const count = { planted: 0, named: 0 };

  const isWell = async (): Promise<void> => {
    const parts = ["redis", "zendesk", "email", "shop", "model", "public"] as const;
    assert.deepEqual(named(await bench.look(parts)), []);
  };

  test("none is named where everything is well", isWell);

  for (const [what, row] of Object.entries(ROWS))
    test(what, { skip: row.skip ?? false }, async (context) => {
      const { says, mend, parts = [] } = row;
      const isNamed = (line: string): boolean => {
        const [found = "", remedy = ""] = line.split(" → ");
        return says.test(found) && mend.test(remedy);
      };
      count.planted += 1;
      const mistake = await row.plant(bench, context);
      const look = mistake.look ?? (() => bench.look(parts, mistake.set));
      const wrong = named(await look());
      await mistake.mend?.();
      assert.ok(wrong.some(isNamed), `named was:\n${wrong.join("\n")}`);
      for (const line of wrong) assert.doesNotMatch(line, / → $/, "it has no mend");
      // What was only set otherwise is looked at once, behind the last row.
      if (mistake.look === undefined && mistake.mend !== undefined) {
        const left = named(await bench.look(parts, mistake.set));
        assert.deepEqual(
          left.filter((line) => !STANDING.test(line)),
          [],
        );
      }
      count.named += 1;
    });

  test("leaves nothing behind that is named", isWell);

  test("is found in every row, and there are thirty at least", (context) => {
    context.diagnostic(
      `planted mistakes named with their mend: ${count.named} of ${Object.keys(ROWS).length}`,
    );
    assert.equal(count.named, count.planted);
    assert.ok(count.planted >= 30);
  });
});

async function serverOf(context: TestContext, handler: RequestListener): Promise<string> {
  const { url, close } = await listen(handler);
  context.after(close);
  return url;
}

test("a page in the place of a shop's list is a problem", async (context) => {
  const page = await serverOf(context, (_request, response) => response.end("<h1>Shop</h1>"));
  assert.equal((await shopFinding(page, "x")).state, "problem");
});

test("a vendor's requests of which none is taken name the signing secret, one taken ends it", () => {
  const rejections = createRejections(silentLog);
  const refused = new DeskhandError(
    "input.unverified",
    "the signature is not made with the app's secret",
  );
  rejections.count("slack", refused);
  rejections.count("slack", new DeskhandError("input.invalid", "not a payload of Slack"));
  rejections.count("slack", refused);
  const [finding, ...more] = signatureFindings(rejections.unverified());
  assert.deepEqual(more, []);
  assert.equal(finding?.state, "warning");
  assert.match(
    finding?.found ?? "",
    /^2 requests were refused .*not made with the app's secret\. /,
  );
  assert.match(finding?.remedy ?? "", /SLACK_SIGNING_SECRET/);
  rejections.taken("slack");
  assert.deepEqual(signatureFindings(rejections.unverified()), []);
});

test("a clock that is off by more than a minute is named, the machine's apart from the database's", async (context) => {
  const after = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);
  const vendorAt = (seconds: number) =>
    serverOf(context, (_request, response) =>
      response.writeHead(401, { date: after(seconds).toUTCString() }).end(),
    );
  const looked = async (servers: readonly string[], sharedAt: number) => {
    const found = await clockFindings(servers, { now: () => after(sharedAt) });
    return found.map(({ part, state, found: words }) => `${part} ${state}: ${words}`).join("; ");
  };
  const right = await vendorAt(0);
  assert.match(await looked([right], 0), /^this machine ok: [^;]*$/);
  const ahead = await vendorAt(900);
  assert.match(
    await looked(["http://127.0.0.1:1", ahead], 900),
    /^this machine warning: it is (?:899|900|901) seconds behind that of 127\.0\.0\.1:\d+; database ok/,
  );
  assert.match(
    await looked([right], 900),
    /^this machine ok: .*; database warning: it is (?:899|900|901) seconds ahead of/,
  );
  assert.match(await looked([], 0), /^this machine unknown: not tried/);
});

test("a refused connection is the database's only where the database is opened", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const path = "/srv/deskhand";
  const folder = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", path });
  const remedyOf = (error: Error) => unopened("slack", "connection", error).remedy ?? "";
  const below = (code: ErrorCode, cause: Error) => new DeskhandError(code, "away", { cause });
  assert.match(remedyOf(below("store.unavailable", refused)), /DATABASE_URL/);
  const untrusted = Object.assign(new Error("self-signed"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
  assert.match(remedyOf(below("store.unavailable", untrusted)), /sslrootcert=FILE/);
  assert.equal(remedyOf(below("channel.unavailable", untrusted)), "");
  assert.match(remedyOf(folder), /DESKHAND_DATA/);
  assert.deepEqual([remedyOf(refused), remedyOf(below("channel.unavailable", refused))], ["", ""]);
});

test("own systems are asked as tools check asks them, and a refused key is a problem", async () => {
  const found = await toolFindings(["tools"], async () => [
    { about: "lamp", isWell: false, found: "lamp answered 401." },
  ]);
  assert.deepEqual(
    found.map(({ part, check, state }) => [part, check, state]),
    [["own systems", "lamp", "problem"]],
  );
  assert.deepEqual(await toolFindings([], null), []);
  assert.equal((await toolFindings(["tools"], null))[0]?.state, "unknown");
});
