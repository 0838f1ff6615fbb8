/** What the doctor says about a workspace, and that the documented manifest asks for what it looks for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test, type TestContext } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { examineSlack } from "#slack/check-workspace.ts";
import { appLink, SCOPES } from "#slack/setup/manifest.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { faultySlackProxy, optionsFor, type Fault } from "./bench.ts";
import { CHANNELS, startTestSlack, TEAM, USERS, type TestSlack } from "./local-slack.ts";

const PEOPLE = ["sam@ourshop.test", USERS.lea];
let server: TestSlack;

before(async () => {
  server = await startTestSlack();
});
after(() => server.close());

async function found(
  context: TestContext,
  fault: Fault,
  { people = PEOPLE, groups = (): readonly string[] => [] } = {},
): Promise<string[]> {
  const proxy = await faultySlackProxy(server.url, fault);
  context.after(() => proxy.close());
  const options = optionsFor(proxy.apiUrl, { places: { money: CHANNELS.alerts }, groups });
  return shown(await examineSlack(options, people));
}

const shown = (findings: readonly Finding[]): string[] =>
  findings.map(({ state, check, found: words }) => `${state} ${check}: ${words}`);

const answering =
  (method: string, body: object): Fault =>
  (called) =>
    called === method ? { status: 200, body: { ok: true, ...body } } : null;

test("a workspace in order is said to be, channel by channel", async (context) => {
  assert.deepEqual(await found(context, () => null), [
    "ok bot token: Deskhand in OurShop",
    "unknown scopes: this server does not tell what the app may do",
    "ok way in: Socket Mode, and the token is taken",
    `ok approvals channel: #approvals (${CHANNELS.approvals})`,
    `ok alerts channel: #alerts (${CHANNELS.alerts})`,
    `ok place “money”: #alerts (${CHANNELS.alerts})`,
    `ok help channel: #help (${CHANNELS.help})`,
    "ok people of the policy: those on duty and the fallback lead are in the workspace",
  ]);
});

test("a user group that gives a role is looked at, and its scope is missed only then", async (context) => {
  const self = { user: "deskhand", team: "OurShop", user_id: "U1", team_id: TEAM };
  const scopes = Object.keys(SCOPES).filter((scope) => scope !== "usergroups:read");
  const told = answering("auth.test", { ...self, response_metadata: { scopes } });
  assert.equal((await found(context, told))[1], "ok scopes: all that are needed");
  const groups = { groups: () => ["S0TEAM"] };
  const without = await found(context, told, groups);
  assert.match(without[1] ?? "", /missing: usergroups:read \(roles that the policy gives/);
  assert.match(without.at(-1) ?? "", /^problem group S0TEAM: /);
  const members = answering("usergroups.users.list", { users: ["U1", "U2"] });
  assert.equal((await found(context, members, groups)).at(-1), "ok group S0TEAM: 2 members");
});

test("scopes that are missing are named with what fails without them", async (context) => {
  const given = Object.keys(SCOPES).filter((scope) => scope !== "users:read.email");
  const self = { user: "deskhand", team: "OurShop", user_id: "U1", team_id: TEAM };
  const tell = (scopes: readonly string[]) =>
    found(context, answering("auth.test", { ...self, response_metadata: { scopes } }));
  assert.equal((await tell([...given, "users:read.email"]))[1], "ok scopes: all that are needed");
  assert.equal(
    (await tell(given))[1],
    "problem scopes: missing: users:read.email (knowing teammates and customers by their address)",
  );
});

test("a channel that is archived, shared, without the app or unknown is a problem, each with its reason", async (context) => {
  const channel = (is: object) =>
    answering("conversations.info", { channel: { name: "c", ...is } });
  const approvals = async (fault: Fault) => (await found(context, fault))[3] ?? "";
  assert.match(await approvals(channel({ is_archived: true })), /^problem .* is archived/);
  assert.match(await approvals(channel({ is_member: false })), /^problem .*the app is not in #c/);
  const shared = await found(context, channel({ is_ext_shared: true }));
  assert.match(shared[3] ?? "", /^problem .*shared with another company/);
  assert.match(shared[6] ?? "", /^ok help channel/);
  const unknown: Fault = (called) =>
    called === "conversations.info"
      ? { status: 200, body: { ok: false, error: "channel_not_found" } }
      : null;
  assert.match(await approvals(unknown), /^problem .*channel_not_found/);
});

test("a token that is refused is all there is to say; one for the socket is told by itself", async (context) => {
  const refused =
    (method: string): Fault =>
    (called) =>
      called === method ? { status: 200, body: { ok: false, error: "invalid_auth" } } : null;
  const bot = await found(context, refused("auth.test"));
  assert.equal(bot.length, 1);
  assert.match(bot[0] ?? "", /^problem bot token: .*invalid_auth/);
  const socket = await found(context, refused("apps.connections.open"));
  assert.match(socket[2] ?? "", /^problem way in: .*invalid_auth/);
});

test("people the policy counts on and Slack does not know are named", async (context) => {
  const people = [...PEOPLE, "gone@ourshop.test", "U0NOBODY"];
  const lines = await found(context, () => null, { people });
  assert.equal(
    lines.at(-1),
    "warning people of the policy: not in this workspace: gone@ourshop.test, U0NOBODY",
  );
});

test("the manifest in the documentation asks for exactly the scopes that are needed", () => {
  const text = readFileSync(new URL("../../docs/slack.md", import.meta.url), "utf8");
  const [manifest] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? "");
  const Manifest = z.object({
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  });
  const { bot } = Manifest.parse(parse(manifest ?? "")).oauth_config.scopes;
  assert.deepEqual(bot.toSorted(), Object.keys(SCOPES).toSorted());
  for (const scope of bot) assert.ok(text.includes(`\`${scope}\``), `${scope} is not explained`);
  // What the link of `init` opens is the same app.
  const opened = new URL(appLink()).searchParams.get("manifest_yaml") ?? "";
  assert.deepEqual(parse(opened), parse(manifest ?? ""));
});
