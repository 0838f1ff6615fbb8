/** What the examples of packages/gate share, with an agent that needs no SDK: real processes, really killed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { playStory } from "./example-stories.ts";

const PLAIN = join(import.meta.dirname, "plain-agent.ts");

test("a process that is killed in its effect and started again has refunded once, and tells the agent", async () => {
  const played = await playStory(PLAIN, { says: "yes", kills: ["after the effect"] });
  assert.equal(played.lines.at(-1), "The tool told: approved by Sam. done: refund-1");
  assert.deepEqual([played.refunds, played.kills, played.holds], [1, 2, true]);
});

test("a refund past the gate is counted, and the story does not hold", async () => {
  process.env["MISBEHAVES"] = "1";
  const played = await playStory(PLAIN, { says: "no", kills: [] });
  delete process.env["MISBEHAVES"];
  assert.deepEqual([played.refunds, played.holds], [1, false]);
});
