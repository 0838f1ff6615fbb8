/** Groups of the desk, four eyes and limits of roles: how the file says them, and what a change of them permits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { comparisonText, policySummary } from "#policy/explain/summary.ts";
import { explain, explanationText } from "#policy/explain/explain.ts";
import { openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds, isBeyondRole } from "#policy/roles.ts";
import { order, question, relaxations, withEdits } from "./policy-files.ts";

const SUPPORT = "support: [sam@ourshop.test, dana@ourshop.test]";
const LEAD = "lead: [lea@ourshop.test, lee@ourshop.test]";
const ROLES = `${SUPPORT}\n  ${LEAD}`;
const LARGE = "approvers: { count: 2, leads: 1 }";

type Edits = Readonly<Record<string, string>>;

function fileWith(edits: Edits): PolicyFile {
  return openPolicyFile(withEdits(Object.entries(edits)), "test.yaml");
}

const withRoles = (support: string, lead: string, more = ""): PolicyFile =>
  fileWith({ [ROLES]: `support: [${support}]\n  lead: [${lead}]${more}` });

const LIMITED = "\nrole_limits: { support: { refund: { up_to: 100.00 } } }";

test("a group gives its role to its members, and what is said of a person comes first", () => {
  const { policy } = withRoles(
    "group:S0SUPPORT, ned@ourshop.test",
    "lea@ourshop.test, group:S0LEADS",
  );
  const role = (email: string, ...groups: string[]) => policy.roleOf({ id: "U1", email, groups });
  assert.equal(role("x@ourshop.test", "S0SUPPORT"), "support");
  assert.equal(role("x@ourshop.test", "s0support"), "support");
  // Leads are usually in the team's group as well.
  assert.equal(role("x@ourshop.test", "S0SUPPORT", "S0LEADS"), "lead");
  assert.equal(role("lea@ourshop.test", "S0SUPPORT"), "lead");
  assert.equal(role("ned@ourshop.test", "S0LEADS"), "support");
  assert.equal(role("x@ourshop.test", "S0OTHER"), null);
  assert.equal(role("x@ourshop.test"), null);
  for (const alike of ["ned@ourshop.test.evil.test", "x.ned@ourshop.test"])
    assert.equal(role(alike), null, alike);
  // A person cannot take the name of a group.
  assert.equal(policy.roleOf({ id: "group:S0LEADS", email: "group:S0LEADS" }), null);
  assert.deepEqual(policy.groups, ["S0LEADS", "S0SUPPORT"]);
});

for (const [what, [edits, said]] of Object.entries({
  "a handle": [
    { [SUPPORT]: 'support: ["@support"]' },
    /roles\.support\[0\]: must be .*group:S0123ABC/,
  ],
  "a bare group id": [
    { [SUPPORT]: "support: [S0123ABCD]" },
    /roles\.support\[0\]: must be .*group:/,
  ],
  "another spelling": [
    { [SUPPORT]: "support: [slack-group:S0123ABC]" },
    /roles\.support\[0\]: must be/,
  ],
  "a mention": [{ [SUPPORT]: 'support: ["<!subteam^S0123ABC>"]' }, /roles\.support\[0\]: must be/],
  "a group without an id": [{ [SUPPORT]: 'support: ["group:"]' }, /roles\.support\[0\]: must be/],
  "a group on duty": [
    { "people: [sam@ourshop.test, lea@ourshop.test]": 'people: ["group:S0SUPPORT"]' },
    /calendar\.duty\[0\]\.people\[0\]: is a group; name people here/,
  ],
  "a group as the fallback lead": [
    { "fallback_lead: lea@ourshop.test": "fallback_lead: group:S0LEADS" },
    /fallback_lead: is a group; name people here/,
  ],
  "a limit for something that moves no money": [
    { [LEAD]: `${LEAD}\nrole_limits: { support: { reset_password: { up_to: 1 } } }` },
    /role_limits\.support\.reset_password: .* moves no money/,
  ],
  "a limit for nothing there is": [
    { [LEAD]: `${LEAD}\nrole_limits: { support: { refnd: { up_to: 1 } } }` },
    /role_limits\.support\.refnd: there is no operation refnd/,
  ],
  "a limit with more digits than there are cents": [
    { [LEAD]: `${LEAD}\nrole_limits: { support: { refund: { up_to: 1.005 } } }` },
    /role_limits\.support\.refund\.up_to: 1\.005 has more digits/,
  ],
  "less for leads than for support": [
    {
      [LEAD]: `${LEAD}\nrole_limits: { support: { refund: { up_to: 50 } }, lead: { refund: { up_to: 20 } } }`,
    },
    /role_limits\.support\.refund\.up_to: is more than a lead may approve \(20\)/,
  ],
  "a limit for leads alone": [
    { [LEAD]: `${LEAD}\nrole_limits: { lead: { refund: { up_to: 20 } } }` },
    /role_limits\.lead\.refund: support has no limit/,
  ],
  "four eyes with no person to spare": [
    {
      [ROLES]: "support: [sam@ourshop.test]\n  lead: [lea@ourshop.test]",
      [LARGE]: "approvers: { count: 2, leads: 1, four_eyes: true }",
    },
    /approvers: four eyes need one person more/,
  ],
  "four eyes that a larger amount escapes": [
    {
      "leads: 0 }\n        reason: Refunds up to 200":
        "leads: 0, four_eyes: true }\n        reason: Refunds up to 200",
    },
    /lets 200\.01 USD pass more easily than a smaller amount, which refund\.usual decides/,
  ],
} as const))
  test(`a file with ${what} is refused, with the place and the reason`, () => {
    assert.throws(() => fileWith(edits), said);
  });

test("a person on duty may have their role from a group alone, and be a lead by it", () => {
  assert.doesNotThrow(() => withRoles("group:S0SUPPORT", "lea@ourshop.test"));
  const missing = (support: string) => {
    const { policy } = fileWith({
      [ROLES]: `support: [${support}]\n  lead: [boss@ourshop.test, group:S0LEADS]`,
      "fallback_lead: lea@": "fallback_lead: boss@",
    });
    return policy.shortOfPeople({ count: 2, leads: 1 }, new Date("2026-11-20T12:00:00Z"));
  };
  // On duty are sam and lea.
  assert.equal(missing("sam@ourshop.test, group:S0SUPPORT"), null);
  assert.match(missing("sam@ourshop.test, lea@ourshop.test") ?? "", /without a lead/);
});

const base = fileWith({});
const fourEyes = fileWith({ [LARGE]: "approvers: { count: 2, leads: 1, four_eyes: true }" });
const limited = fileWith({ [LEAD]: LEAD + LIMITED });
const limitOf = (amount: string) => fileWith({ [LEAD]: LEAD + LIMITED.replace("100.00", amount) });

for (const [what, [before, after, said]] of Object.entries({
  "a new group in support": [
    base,
    fileWith({ [SUPPORT]: SUPPORT.replace("[", "[group:S0SUPPORT, ") }),
    /^roles\.support: every member of group:S0SUPPORT may now approve$/,
  ],
  "a new group of leads": [
    base,
    fileWith({ [LEAD]: LEAD.replace("[", "[group:S0LEADS, ") }),
    /^roles\.lead: every member of group:S0LEADS is now a lead$/,
  ],
  "a name in support whose group leads": [
    withRoles("dana@ourshop.test, sam@ourshop.test", "lea@ourshop.test, group:S0LEADS"),
    withRoles("sam@ourshop.test", "lea@ourshop.test, group:S0LEADS"),
    /^roles\.support: dana@ourshop\.test .*could be a lead under another name$/,
  ],
  "a larger limit": [
    limited,
    limitOf("100.01"),
    /^role_limits\.support\.refund: support may approve a refund of up to 100\.01 instead of up to 100$/,
  ],
  "a limit that is gone": [
    limited,
    base,
    /^role_limits\.support\.refund: .* any amount instead of up to 100$/,
  ],
  "four eyes that are gone": [
    fourEyes,
    base,
    /^operations\.refund\.rules\.large: .*before, two people, one of them a lead, none of whom asked for it or wrote it, approve/,
  ],
} as const))
  test(`${what} permits more and needs leads; back it is stricter, where no lead goes`, () => {
    const told = relaxations(before, after);
    assert.ok(
      told.some((line) => said.test(line)),
      told.join("\n"),
    );
    const back = relaxations(after, before);
    if (what === "a new group of leads") assert.match(back.join(), /S0LEADS is no longer a lead$/);
    else if (!what.startsWith("a name")) assert.deepEqual(back, []);
    assert.match(comparisonText(before, after, []), /permits more than the old one/);
  });

test("with a group among the leads two of them agree to a file that permits more", () => {
  const needs = (file: PolicyFile) => changeNeeds(file.document.roles, []);
  assert.deepEqual(needs(withRoles("sam@ourshop.test", "lea@ourshop.test, group:S0LEADS")), {
    count: 2,
    leads: 2,
  });
});

const refund = (amount: number): PolicyQuestion =>
  question("refund", order("1001", "u456", 900, { deliveredDaysAgo: 5 }), amount);

test("the explanation of a case names only those whose limit leaves room for it", () => {
  const said = (amount: number) =>
    explanationText(limited, refund(amount), explain(limited, refund(amount)));
  assert.match(said(100), /sam@ourshop\.test/);
  assert.doesNotMatch(said(150), /sam@ourshop\.test/);
  assert.match(said(150), /lee@ourshop\.test, lead/);
});

test("the summary tells limits of roles and four eyes", () => {
  assert.match(
    policySummary(limited),
    /May approve at most:\n {2}support +refund up to 100\.00 USD/,
  );
  assert.doesNotMatch(policySummary(base), /May approve at most/);
  assert.match(policySummary(fourEyes), /none of whom asked for it or wrote it: Refunds above/);
});

test("a decision contains four eyes only where they are asked for, so that older seals hold", () => {
  assert.deepEqual(fourEyes.policy.decide(refund(640)).approvers, {
    count: 2,
    leads: 1,
    fourEyes: true,
  });
  assert.deepEqual(base.policy.decide(refund(640)).approvers, { count: 2, leads: 1 });
});

test("an amount in another currency than a role's limit is for leads", () => {
  const limit = { minor: 5_000, currency: "USD" };
  const beyond = (
    role: "lead" | "support",
    minor: number,
    currency: string,
    of: typeof limit | null,
  ) => isBeyondRole(role, { minor, currency }, of);
  for (const role of ["lead", "support"] as const) {
    assert.equal(beyond(role, 5_000, "USD", limit), false);
    assert.equal(beyond(role, 5_001, "USD", limit), true);
    assert.equal(beyond(role, 100, "EUR", null), false);
  }
  assert.deepEqual(
    [beyond("lead", 100, "EUR", limit), beyond("support", 100, "EUR", limit)],
    [false, true],
  );
});
