/** What the doctor says about a workspace, and that the documented manifest asks for what it looks for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test, type TestContext } from "node:test";
import { examineSlack } from "#slack/setup/check-workspace.ts";
import { appLink, SCOPES } from "#slack/setup/check-workspace.ts";
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

test("the link in the documentation makes the app that the code describes", () => {
  const page = readFileSync(new URL("../../docs/slack.md", import.meta.url), "utf8");
  const [, link = ""] = /\((https:\/\/api\.slack\.com\/apps\?new_app=1[^)]*)\)/.exec(page) ?? [];
  assert.equal(decodeURIComponent(link), decodeURIComponent(appLink()));
  for (const scope of Object.keys(SCOPES))
    assert.match(appLink(), new RegExp(encodeURIComponent(scope)));
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
