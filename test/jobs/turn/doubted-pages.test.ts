/** A reply that rests on a page in doubt, or on a contact of a page, waits for a person, who is told why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Finding, UNLISTED_CONTACT } from "#core/contracts/guard.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { readFileSync } from "node:fs";
import { loadPolicy } from "#policy/load-policy.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const PAGE = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: "You can return an item within 30 days of its delivery.",
  updated: "2026-02-03",
  score: 0.9,
};

onDesk("a reply that rests on a page", (bench) => {
  const asked = async (more: { readonly doubt?: string }, findings: readonly Finding[] = []) => {
    const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "test.yaml");
    bench.rule({ ...policy, replyAutonomy: () => "auto" });
    bench.answer(() => replying(PAGE.text, { passages: [{ ...PAGE, ...more }], findings }));
    return bench.write("How long can I return it?", { channel: "chat" });
  };

  test("goes out by itself where policy lets it", async () => {
    const conversation = await asked({});
    assert.equal(await bench.pending(conversation), null);
    assert.equal(bench.replies().length, 1);
  });

  test("waits where another page says otherwise, with the reason on the card and at the citation", async () => {
    const conversation = await asked({ doubt: "says 30 days, and Lamps says 14 days" });
    const card = await bench.pending(conversation);
    assert.deepEqual(bench.replies(), []);
    assert.ok(card !== null);
    assert.ok(
      flagTexts(card.card).includes(
        "⚠️ The page “Returns” is in doubt: says 30 days, and Lamps says 14 days",
      ),
    );
    assert.deepEqual(
      card.card.context.citations.map(({ source }) => source),
      [
        "Returns, as of 3 Feb 2026 (https://shop.test/returns), in doubt: says 30 days, and Lamps says 14 days",
      ],
    );
    assert.equal(card.rules.at(-1)?.reason, "a page it may rest on is in doubt");
  });

  test("waits where it names a contact that the policy does not list, and the reason names it", async () => {
    const words = "DE89 3704 0044 0532 0130 00";
    const reason = "the policy does not list it under contacts";
    const card = await bench.pending(await asked({}, [{ kind: UNLISTED_CONTACT, words, reason }]));
    assert.deepEqual(bench.replies(), []);
    assert.equal(
      card?.rules.at(-1)?.reason,
      `it names ${words}, which the policy does not list under contacts`,
    );
  });
});
