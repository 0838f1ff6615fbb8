/** What holds for the comparison of any two policy files. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { comparePolicies } from "#policy/compare/compare-policies.ts";
import { settingLines } from "#policy/compare/setting.ts";
import { type LoadedPolicy, openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { berlinText, relaxations, sandboxText } from "#test/policy/policy-files.ts";
import { anyEdit, anyQuestion, CHANNELS, type Edit, edited, TEAMMATES } from "./policy-edits.ts";
import { isLong, runs } from "#test/support/tiers.ts";

const STRICTNESS = { allow: 0, ask: 1, deny: 2 };
const RANKS = [null, "support", "lead"] as const;

/** Each number that permits more when it grows. */
const BOUNDS: readonly ((policy: LoadedPolicy) => number)[] = [
  ...(["turn", "conversation", "day"] as const).flatMap((scope) =>
    (["stepsMax", "outputTokensMax", "usdMax", "ms"] as const).map(
      (field) => (policy: LoadedPolicy) => policy.caps[scope][field],
    ),
  ),
  ...CHANNELS.map((channel) => (policy: LoadedPolicy) => policy.writesMax(channel)),
  ...TEAMMATES.map(
    (email) => (policy: LoadedPolicy) => RANKS.indexOf(policy.roleOf({ id: "U1", email })),
  ),
  (policy) => -policy.caps.confidenceMin,
  (policy) => -policy.undoMs,
  (policy) => policy.chatMessagesPerMinute.perUser,
  (policy) => policy.chatMessagesPerMinute.perAddress,
  (policy) => policy.approvalLimit("support", "refund")?.minor ?? Number.POSITIVE_INFINITY,
];

/** Each text that customers read unasked. */
function customerTexts({ document, policy }: PolicyFile): readonly string[] {
  const letters = CHANNELS.flatMap((channel) =>
    ["", "Nord", "Nordlicht"].flatMap((brand) =>
      ["Ann", null].map((name) => policy.sign("x", { channel, brand, name, automatic: true })),
    ),
  );
  return [
    ...letters,
    ...Object.values(policy.texts),
    document.delicate.holding_text,
    document.texts.closed,
  ];
}

/** Lists in which a new entry permits more. */
function allowed({ linkHosts, contacts, knownHarmless }: LoadedPolicy): readonly string[] {
  return [...linkHosts, ...contacts, ...knownHarmless.phrases, ...knownHarmless.senders];
}

/** Lists in which an entry that is gone permits more. */
function forbidden(policy: LoadedPolicy): readonly string[] {
  const phrases = CHANNELS.flatMap((channel) =>
    ["", "Nord", "Nordlicht"].flatMap((brand) =>
      policy.voiceOf(channel, brand).forbidden.map((phrase) => `${channel} ${brand} ${phrase}`),
    ),
  );
  const words = Object.entries(policy.delicateWatch.words).flatMap(([topic, list]) =>
    list.map((word) => `${topic} ${word}`),
  );
  return [...phrases, ...words, ...policy.delicateWatch.vip].map((entry) => entry.toLowerCase());
}

/** Whether a policy does more than another, as its users see it and without reading the rules. */
function doesMore(before: PolicyFile, after: PolicyFile): boolean {
  const [old, now] = [before.policy, after.policy];
  const texts = customerTexts(before);
  return (
    BOUNDS.some((bound) => bound(now) > bound(old)) ||
    customerTexts(after).some((text, index) => text !== texts[index]) ||
    allowed(now).some((entry) => !allowed(old).includes(entry)) ||
    forbidden(old).some((entry) => !forbidden(now).includes(entry))
  );
}

/** Edits of a file until one is accepted; the file itself where none is. */
function next(from: PolicyFile, edits: readonly Edit[]): PolicyFile {
  return edited(from, edits) ?? from;
}

const edits = fc.array(anyEdit, { minLength: 1, maxLength: 3 });

/** A property that compares nothing proves nothing; few random cases may hold few of a kind. */
const LEAST = isLong ? { compared: 80, laxer: 15, seen: 10 } : { compared: 5, laxer: 0, seen: 0 };

for (const [name, text, currency] of [
  ["sandbox", sandboxText, "USD"],
  ["Berlin", berlinText, "EUR"],
] as const) {
  const start = openPolicyFile(text, "before.yaml");

  test(`no change of the ${name} file that permits more stays unsaid`, () => {
    let compared = 0;
    let laxer = 0;
    fc.assert(
      fc.property(
        edits,
        fc.array(anyQuestion(currency), { minLength: 40, maxLength: 40 }),
        (changes, questions) => {
          const after = edited(start, changes);
          if (after === null) return;
          compared += 1;
          const more = questions.filter((question) => {
            const [old, now] = [start.policy.decide(question), after.policy.decide(question)];
            if (old.verdict !== now.verdict)
              return STRICTNESS[now.verdict] < STRICTNESS[old.verdict];
            return (
              now.approvers.count < old.approvers.count || now.approvers.leads < old.approvers.leads
            );
          });
          if (more.length === 0 && !doesMore(start, after)) return;
          laxer += 1;
          const lines = settingLines(comparePolicies(start, after)).join("\n");
          assert.notDeepEqual(
            relaxations(start, after),
            [],
            `${JSON.stringify(more[0])}\n${lines}`,
          );
        },
      ),
      { numRuns: runs(250) },
    );
    assert.ok(
      compared > LEAST.compared && laxer > LEAST.laxer,
      `${compared} files compared, ${laxer} of them laxer`,
    );
  });

  test(`each change of the ${name} file has a line, and its way back the opposite effect`, () => {
    const seen = { loosens: 0, tightens: 0, neutral: 0 };
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const before = next(start, first);
        const after = next(before, second);
        const [there, back] = [comparePolicies(before, after), comparePolicies(after, before)];
        assert.equal(there.length === 0, before.policy.version === after.policy.version);
        const effects = new Map(back.map(({ path, effect }) => [path, effect]));
        assert.equal(effects.size, there.length);
        for (const change of there) {
          const { path, effect, cases } = change;
          seen[effect] += 1;
          const lines = settingLines([change]);
          assert.ok(lines.length > 0 && lines.every((line) => line.startsWith(path)), path);
          assert.equal(cases.length > 0, effect === "loosens", path);
          const opposite = effects.get(path) ?? "";
          const possible = {
            loosens: ["tightens", "loosens"],
            tightens: ["loosens"],
            neutral: ["neutral"],
          };
          assert.ok(possible[effect].includes(opposite), `${path}: ${effect}, back ${opposite}`);
        }
      }),
      { numRuns: runs(150) },
    );
    for (const [effect, count] of Object.entries(seen))
      assert.ok(count > LEAST.seen, `${count} ${effect}`);
  });

  test(`what two changes of the ${name} file permit together, one of them permits`, () => {
    let laxer = 0;
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const between = next(start, first);
        const after = next(between, second);
        if (relaxations(start, after).length === 0) return;
        laxer += 1;
        const steps = [...relaxations(start, between), ...relaxations(between, after)];
        assert.notDeepEqual(steps, [], relaxations(start, after).join("\n"));
      }),
      { numRuns: runs(100) },
    );
    assert.ok(laxer > LEAST.laxer, `${laxer} laxer`);
  });
}
