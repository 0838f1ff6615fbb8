/** Whom Slack's directory calls one of ours: nobody is taken for a colleague who may be another company's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UserAnswer } from "#slack/api/schema.ts";
import { isAtHome, isFromOutside, isOwnMember, type Self } from "#slack/api/workspace.ts";

const HOME: Self = {
  userId: "U0BOT",
  botId: null,
  teamId: "T0OURS",
  organisation: null,
  url: null,
};
const SHOP: Self = { ...HOME, organisation: "E0SHOP" };

const COLLEAGUE = {
  team_id: "T0EMEA",
  enterprise_user: { enterprise_id: "E0SHOP", teams: ["T0EMEA", "T0APAC"] },
};
const ELSEWHERE = {
  ...COLLEAGUE,
  enterprise_user: { enterprise_id: "E0OTHER", teams: ["T0EMEA"] },
};

/** `ours` decides and is proven, `inactive` is at home and does neither, `outside` is another company's. */
type Kind = "ours" | "inactive" | "outside" | "unknown";

const PEOPLE: readonly (readonly [string, object, Kind, Self?, string[]?])[] = [
  ["a member", {}, "ours"],
  ["a guest", { is_restricted: true }, "inactive"],
  ["a single-channel guest", { is_ultra_restricted: true }, "inactive"],
  ["a member who left", { deleted: true }, "inactive"],
  ["a bot", { is_bot: true }, "inactive"],
  ["Slack's own bot", { id: "USLACKBOT" }, "inactive"],
  ["a stranger of Slack Connect", { is_stranger: true }, "outside"],
  ["a member of another workspace", { team_id: "T0OTHER" }, "outside"],
  ["a person of no workspace", { team_id: null }, "unknown"],
  ["a member who presses in another workspace", {}, "unknown", HOME, ["T0OTHER"]],
  ["a colleague, where this workspace alone counts", COLLEAGUE, "outside"],
  ["a colleague of another workspace", COLLEAGUE, "ours", SHOP, ["T0EMEA"]],
  ["a colleague, named by the organisation", COLLEAGUE, "ours", SHOP, ["E0SHOP"]],
  ["a colleague in another of their workspaces", COLLEAGUE, "ours", SHOP, ["T0EMEA", "T0APAC"]],
  ["a colleague in none of theirs", COLLEAGUE, "unknown", SHOP, ["T0OTHER"]],
  ["a colleague without a workspace", { ...COLLEAGUE, team_id: null }, "ours", SHOP, ["T0EMEA"]],
  ["a guest of another workspace", { ...COLLEAGUE, is_restricted: true }, "inactive", SHOP],
  ["a colleague who left", { ...COLLEAGUE, deleted: true }, "inactive", SHOP],
  ["a stranger of ours", { ...COLLEAGUE, is_stranger: true }, "outside", SHOP],
  ["a member of another organisation", ELSEWHERE, "outside", SHOP],
  ["a member of another company", { ...COLLEAGUE, enterprise_user: null }, "outside", SHOP],
];

for (const [who, change, kind, self = HOME, teams = []] of PEOPLE)
  test(`${who} is ${kind}`, () => {
    const { user } = UserAnswer.parse({
      ok: true,
      user: { id: "U1", team_id: "T0OURS", ...change },
    });
    const isHome = isAtHome(user, self, teams);
    assert.equal(isHome, kind === "ours" || kind === "inactive");
    if (teams.length === 0) assert.equal(isFromOutside(user, self), kind === "outside");
    assert.equal(isHome && isOwnMember(user, self), kind === "ours");
  });
