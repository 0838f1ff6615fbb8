/** `init zendesk` and `doctor` at a sandbox account: what they make, what they find, and what they say to do. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { z } from "zod";
import { examineZendesk } from "#zendesk/setup/check-account.ts";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import type { Finding } from "#core/connection/connection-board.ts";
import { doctorScreen } from "#cli/doctor-command.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { requireWriter } from "#zendesk/setup/permissions.ts";
import { failsWith } from "#test/zendesk/bench.ts";
import { deskOf } from "#test/zendesk/read/people.ts";
import type { Call } from "#test/zendesk/servers.ts";
import { accountToSetUp } from "./bench.ts";

const PUBLIC_URL = "https://desk.ourshop.test";
const BOT = "deskhand@ourshop.test";

const { sandbox, recorder, init: initZendesk } = accountToSetUp();
const people = deskOf(sandbox);

afterEach(() => sandbox.setWebhook("https://elsewhere.test", []));

const account = () => ({
  ZENDESK_URL: recorder.url,
  ZENDESK_ADMIN_TOKEN: sandbox.tokens.admin,
  DESKHAND_PUBLIC_URL: PUBLIC_URL,
});

async function init(...argv: readonly string[]) {
  recorder.calls.length = 0;
  return await initZendesk(account(), ["--bot", BOT, ...argv]);
}

const writes = (): readonly Call[] => recorder.calls.filter(({ method }) => method !== "GET");
const secretIn = (screen: string): string => /ZENDESK_WEBHOOK_SECRET=(\S+)/.exec(screen)?.[1] ?? "";

const Titles = z.object({
  ticket_fields: z.array(z.object({ title: z.string() })),
});
const Webhooks = z.object({
  webhooks: z.array(
    z.object({ id: z.string(), status: z.string(), subscriptions: z.array(z.string()) }),
  ),
});

type Options = Parameters<typeof examineZendesk>[0];

const as = (token: string) => async (): Promise<string> => token;

async function look(change: Partial<Options> = {}): Promise<readonly Finding[]> {
  recorder.calls.length = 0;
  return await examineZendesk(
    {
      url: recorder.url,
      writerToken: as(sandbox.tokens.bot),
      readerToken: as(sandbox.tokens.admin),
      webhookSecret: "",
      groups: sandbox.groups,
      clock: { now: () => new Date() },
      statusAfterReply: () => "pending",
      senderAuthentication: false,
      ...change,
    },
    PUBLIC_URL,
  );
}

/** The finding about what becomes of a ticket after a reply, where the policy says this. */
async function afterReply(status: StatusAfterReply): Promise<Finding | undefined> {
  const found = await look({ statusAfterReply: () => status });
  return found.find(({ check }) => check === "status after a reply");
}

const problems = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ state }) => state === "problem").map(({ check }) => check);

describe("init zendesk", () => {
  test("sends no token to an address without encryption, but for this machine's", async () => {
    const account = { ZENDESK_URL: "http://ourshop.zendesk.test", DESKHAND_PUBLIC_URL: PUBLIC_URL };
    const { exitCode, stderr } = await initZendesk(account, []);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /ZENDESK_URL: must be https, since secrets are sent there/);
    const none = await initZendesk({ DESKHAND_PUBLIC_URL: "no address" }, []);
    assert.match(
      none.stderr,
      /ZENDESK_URL: is missing\nDESKHAND_PUBLIC_URL: is no address of the web/,
    );
  });

  test("looks without --apply, makes what is missing with it, and nothing the second time", async () => {
    const looked = await init();
    assert.match(looked.stdout, /would be created +webhook/);
    assert.doesNotMatch(looked.stdout, /API token/, "only OAuth clients sign in");
    assert.deepEqual(writes(), []);
    const made = await init("--apply");
    assert.equal(made.stderr, "");
    assert.equal(writes().length, 4, "three fields and a webhook; the groups were there");
    assert.match(made.stdout, new RegExp(`ZENDESK_GROUP_BOT=${sandbox.groups.bot}`));
    const again = await init("--apply");
    assert.deepEqual(writes(), []);
    assert.ok(!/created/.test(again.stdout), again.stdout);
    assert.equal(secretIn(again.stdout), secretIn(made.stdout));
    const { ticket_fields: fields } = Titles.parse(
      await people.as("admin", "GET", "/ticket_fields"),
    );
    assert.deepEqual(
      fields.map(({ title }) => title),
      ["Deskhand intent", "Deskhand language", "Deskhand reason for escalation"],
    );
  });

  test("names the fields it made for a hand-over, makes none beside your own, and doctor misses those that are not there", async () => {
    const made = await init("--apply");
    const named = /ZENDESK_FIELDS=(intent=\d+,language=\d+,reason=\d+)\n/.exec(made.stdout)?.[1];
    assert.ok(named, made.stdout);
    const fields = Object.fromEntries(
      named.split(",").map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])]),
    );
    const stateOf = async (given: Readonly<Record<string, number>>) =>
      (await look({ fields: given })).find(({ check }) => check === "triage fields")?.state;
    const given = [fields, {}, { ...fields, intent: 1 }];
    assert.deepEqual(await Promise.all(given.map(stateOf)), ["ok", "warning", "warning"]);
    const own = await initZendesk({ ...account(), ZENDESK_FIELDS: "intent=1" }, ["--bot", BOT]);
    assert.doesNotMatch(own.stdout, /ticket field|ZENDESK_FIELDS/);
  });

  test("switches its webhook on again, and has it told of what it misses", async () => {
    const first = await init("--apply");
    const read = async () =>
      Webhooks.parse(await people.as("admin", "GET", "/webhooks")).webhooks.at(-1);
    const whole = await read();
    assert.ok(whole);
    for (const [change, words] of [
      [{ status: "inactive" }, /changed +webhook that was switched off/],
      [{ subscriptions: whole.subscriptions.slice(2) }, /changed +webhook that was not told of/],
    ] as const) {
      await people.as("admin", "PATCH", `/webhooks/${whole.id}`, { webhook: change });
      const again = await init("--apply");
      assert.match(again.stdout, words);
      assert.equal(secretIn(again.stdout), secretIn(first.stdout));
      const mended = await read();
      assert.equal(mended?.status, "active");
      assert.deepEqual(mended.subscriptions.toSorted(), whole.subscriptions.toSorted());
    }
  });

  test("refuses a token that is no admin's, and a bot that is no agent, by name", async () => {
    const asAgent = await initZendesk(
      {
        ZENDESK_URL: recorder.url,
        ZENDESK_ADMIN_TOKEN: sandbox.tokens.dana,
        DESKHAND_PUBLIC_URL: PUBLIC_URL,
      },
      ["--bot", BOT, "--apply"],
    );
    assert.match(asAgent.stderr, /ZENDESK_ADMIN_TOKEN: is no admin's/);
    const customer = await init("--bot", "ann@customer.test", "--apply");
    assert.match(customer.stderr, /is no agent of this account/);
    assert.deepEqual(writes(), []);
  });
});

describe("doctor at a Zendesk account", () => {
  test("finds nothing wrong after init, and changes nothing itself", async () => {
    const secret = secretIn((await init("--apply")).stdout);
    const findings = await look({ webhookSecret: secret });
    assert.deepEqual(problems(findings), []);
    assert.deepEqual(writes(), []);
    assert.ok(
      findings.some(({ check, state }) => check === "sender authentication" && state === "unknown"),
    );
    const screen = doctorScreen(findings);
    assert.match(screen, /✓ writer +Deskhand <deskhand@ourshop\.test>, agent/);
    assert.match(screen, /✓ webhook secret +is ours/);
    assert.match(screen, /✓ mail to customers +“Notify requester and CCs of comment update”/);
  });

  test("says by the setting how mail counts, and what Zendesk has to do for it", async () => {
    const about = async (senderAuthentication: boolean) =>
      (await look({ senderAuthentication })).find(({ check }) => check === "sender authentication");
    const [off, on] = await Promise.all([about(false), about(true)]);
    assert.match(off?.found ?? "", /level 1/);
    assert.match(off?.remedy ?? "", /then set ZENDESK_SENDER_AUTHENTICATION=on/);
    assert.match(on?.found ?? "", /level 2/);
    assert.match(on?.remedy ?? "", /make sure that “Authenticate senders” is on/);
  });

  test("names the automations that act on tickets it leaves pending, unless it leaves none", async () => {
    const before = await Promise.all([afterReply("pending"), afterReply("open")]);
    assert.deepEqual(
      before.map((one) => one?.state),
      ["ok", "ok"],
    );
    await people.control("PUT", "settings", { pendingAutomation: true });
    const [pending, open, picture] = await Promise.all([
      afterReply("pending"),
      afterReply("open"),
      afterReply(4_300_000_022),
    ]);
    assert.equal(pending?.state, "warning");
    assert.match(pending.found, /“Solve pending tickets after 48 hours”/);
    assert.doesNotMatch(pending.found, /Close ticket 4 days/);
    assert.match(pending.remedy ?? "", /status_after_reply/);
    assert.equal(open?.state, "ok");
    // A status of the team's own may be one of the category.
    assert.equal(picture?.state, "warning");
    assert.match(picture.found, /“Waiting for a picture” \(pending\).*“Solve pending tickets/);
    await people.control("PUT", "settings", { pendingAutomation: false });
  });

  test("knows a status of the team's own, and names one that the account does not have", async () => {
    const [known, wrong] = await Promise.all([
      afterReply(4_300_000_021),
      afterReply(4_300_000_099),
    ]);
    assert.deepEqual([known?.state, known?.found], ["ok", "“Waiting for the warehouse” (hold)"]);
    assert.deepEqual([wrong?.state, wrong?.check], ["problem", "status after a reply"]);
    assert.match(wrong?.found ?? "", /no active custom status 4300000099/);
    assert.match(wrong?.remedy ?? "", /set status_after_reply in the policy/);
  });

  test("tries an audit, which a token for tickets alone may not read", async () => {
    await people.ask("Where is my lamp?");
    const { id: client_id, secret: client_secret } = sandbox.oauth.writer;
    const scope = "tickets:read tickets:write users:read groups:read";
    const grant = { grant_type: "client_credentials", client_id, client_secret, scope };
    const issued = await fetch(`${sandbox.url}/oauth/tokens`, {
      method: "POST",
      body: new URLSearchParams(grant),
    });
    const { access_token: writer } = z
      .object({ access_token: z.string() })
      .parse(await issued.json());
    const found = (await look({ writerToken: as(writer) })).find(({ check }) =>
      check.endsWith("audits"),
    );
    assert.deepEqual(
      [found?.state, found?.found, found?.remedy],
      ["problem", "no: Zendesk answers 403", "needs scope `read`"],
    );
    const client = zendeskClient({
      url: sandbox.url,
      token: as(writer),
      clock: { now: () => new Date() },
    });
    await assert.rejects(
      requireWriter({ client, signal: AbortSignal.timeout(10_000) }),
      failsWith("config.invalid", /may not read tickets and their audits \(scope `read`\)/),
    );
  });

  test("a private group hides what is handed over into it, until the bot is in it", async () => {
    const secret = secretIn((await init("--apply")).stdout);
    await people.edit("groups", sandbox.groups.sensitive, { is_public: false });
    const hidden = await look({ webhookSecret: secret });
    assert.deepEqual(problems(hidden), ["group ZENDESK_GROUP_SENSITIVE"]);
    assert.match(doctorScreen(hidden), /“Sensitive” is private and the writer is not in it/);
    await init("--apply");
    assert.equal(writes().length, 1, "the membership");
    assert.deepEqual(problems(await look({ webhookSecret: secret })), []);
  });

  test("a webhook that an earlier version made for a trigger is none, and one with events is made beside it", async () => {
    const { webhooks } = Webhooks.parse(await people.as("admin", "GET", "/webhooks"));
    for (const { id } of webhooks) await people.as("admin", "DELETE", `/webhooks/${id}`);
    const webhook = {
      name: "Deskhand",
      endpoint: `${PUBLIC_URL}/webhooks/zendesk`,
      http_method: "POST",
      request_format: "json",
      status: "active",
      subscriptions: ["conditional_ticket_events"],
    };
    await people.as("admin", "POST", "/webhooks", { webhook });
    const found = (await look()).find(({ check }) => check === "webhook");
    assert.deepEqual([found?.state, found?.fix], ["problem", "zendesk_account"]);
    const secret = secretIn((await init("--apply")).stdout);
    assert.deepEqual(problems(await look({ webhookSecret: secret })), []);
  });

  test("names each thing that is missing, with what to do", async () => {
    const secret = secretIn((await init("--apply")).stdout);
    const [same, notIn] = await Promise.all([
      look({
        webhookSecret: secret,
        writerToken: as(sandbox.tokens.dana),
        readerToken: as(sandbox.tokens.dana),
      }),
      look({ webhookSecret: secret, groups: { ...sandbox.groups, bot: sandbox.groups.tier2 } }),
    ]);
    assert.ok(problems(same).includes("reader"));
    assert.deepEqual(problems(notIn), ["group ZENDESK_GROUP_BOT"]);
    const { webhooks } = Webhooks.parse(await people.as("admin", "GET", "/webhooks"));
    for (const { id } of webhooks)
      await people.as("admin", "PATCH", `/webhooks/${id}`, { webhook: { status: "inactive" } });
    assert.ok(problems(await look({ webhookSecret: secret })).includes("webhook"));
    for (const { id } of webhooks) await people.as("admin", "DELETE", `/webhooks/${id}`);
    assert.deepEqual(problems(await look({ webhookSecret: secret })), ["webhook"]);
    const customer = await look({ webhookSecret: secret, writerToken: as(sandbox.tokens.ann) });
    assert.deepEqual(problems(customer), ["writer"]);
    assert.equal(recorder.calls.length, 1, "there is no point in asking on");
  });
});
