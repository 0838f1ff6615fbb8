/** What the doctor says about a workspace, and that the documented manifest asks for what it looks for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { appLink, examineSlack, SCOPES } from "#slack/setup/check-workspace.ts";
import { inSlack, on, type Fault } from "./bench.ts";
import { BOT, CHANNELS, TEAM, USERS } from "./local-slack.ts";

const PEOPLE = ["sam@ourshop.test", USERS.lea];
const bench = inSlack();

async function found(fault: Fault, organisation = false): Promise<string[]> {
  bench.break(fault);
  const places = { money: CHANNELS.alerts };
  const options = bench.optionsWith({ places, groups: () => [], organisation });
  const findings = await examineSlack(options, PEOPLE);
  return findings.map(({ state, check, found: words }) => `${state} ${check}: ${words}`);
}

test("the link in the documentation makes the app that the code describes", () => {
  const page = readFileSync(new URL("../../docs/slack.md", import.meta.url), "utf8");
  const [, link = ""] = /\((https:\/\/api\.slack\.com\/apps\?new_app=1[^)]*)\)/.exec(page) ?? [];
  assert.equal(decodeURIComponent(link), decodeURIComponent(appLink()));
  for (const scope of Object.keys(SCOPES))
    assert.match(appLink(), new RegExp(encodeURIComponent(scope)));
});

test("whose members count is said, and an app that is installed for a whole organisation is a problem", async () => {
  const self = { user: "deskhand", team: "OurShop", user_id: "U1", team_id: TEAM };
  const tell = async (more: object, organisation: boolean) =>
    (
      await found(
        on("auth.test", { status: 200, body: { ok: true, ...self, ...more } }),
        organisation,
      )
    ).filter((line) => line.includes(" organisation: "));
  const ofOrganisation = { enterprise_id: "E0SHOP", is_enterprise_install: false };
  assert.deepEqual(await tell({}, false), []);
  assert.match((await tell({}, true)).join(), /^warning .*of no organisation count/);
  assert.match(
    (await tell(ofOrganisation, false)).join(),
    /^ok .*SLACK_ORGANISATION=on counts them/,
  );
  assert.match((await tell(ofOrganisation, true)).join(), /^ok .*workspaces of E0SHOP count/);
  const everywhere = { ...ofOrganisation, is_enterprise_install: true };
  assert.match((await tell(everywhere, true)).join(), /^problem .*for the whole organisation$/);
});

test("the doctor refuses the channels that take no cards, and no others", async () => {
  const self = { ok: true, user_id: BOT, team_id: TEAM, enterprise_id: "E0SHOP" };
  const tell = async (is: object, organisation = false) => {
    const channel = { id: "C1", name: "money", is_member: true, ...is };
    const bodies: Readonly<Record<string, object>> = {
      "auth.test": self,
      "conversations.info": { ok: true, channel },
    };
    const lines = await found((method) => {
      const body = bodies[method];
      return body === undefined ? null : { status: 200, body };
    }, organisation);
    return lines.find((line) => line.includes("place “money”"));
  };
  const ofOrganisation = { is_shared: true, is_org_shared: true, is_ext_shared: false };
  assert.match((await tell(ofOrganisation, true)) ?? "", /^ok /);
  assert.match(
    (await tell(ofOrganisation)) ?? "",
    /^problem .* shared with another workspace, and SLACK_ORGANISATION is off/,
  );
  for (const is of [
    { is_shared: true, is_ext_shared: true },
    { is_shared: false, is_pending_ext_shared: true },
  ])
    assert.match(
      (await tell(is, true)) ?? "",
      /^problem .*#money .* is shared with another company/,
    );
  assert.match((await tell({ is_archived: true })) ?? "", /^problem .* is archived/);
  assert.match((await tell({ is_member: false })) ?? "", /^problem .*the app is not in #money/);
});
