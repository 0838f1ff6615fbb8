/** What a member of a Slack group has is theirs, although the policy does not know their address. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { backWith } from "#jobs/approval/save-card.ts";
import { knownTeam } from "#core/contracts/policy.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { groupsIn, roleIn, teammatesIn } from "#policy/roles.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { onDesk } from "#test/jobs/bench.ts";

onDesk("a case of a member of a group", (bench) => {
  test("is not listed as unassigned", async () => {
    const roles = { lead: ["lea@ourshop.test"], support: ["group:S0123ABC"] };
    bench.rule({
      roleOf: (who) => roleIn(roles, who),
      teammates: teammatesIn(roles),
      groups: groupsIn(roles),
    });
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    const id = await bench.write("A person, please.");
    await bench.pass(6_000, 2);
    const sam = {
      id: "U77",
      name: "Sam",
      email: "sam@ourshop.test",
      eligible: true,
      groups: ["S0123ABC"],
    };
    const answer = await bench.decide(id, "take_over", { teammate: sam });
    assert.ok(answer.accepted, answer.message);
    const team = knownTeam(bench.parts.policy);
    const counts = await bench.at(inboxCounts, "lea@ourshop.test", bench.now(), { team });
    assert.equal(counts.people, 1);
    assert.equal(counts.unassigned, 0);
    assert.deepEqual(backWith(bench.parts, "sam@ourshop.test", bench.now()), ["sam@ourshop.test"]);
  });
});
