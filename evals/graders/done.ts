/** Graders of what was really done: what the shop holds in the end, and that no customer is told of what is not done. */
import type { Grader } from "#evals/grader.ts";
import type { Observed } from "#evals/harness/observation.ts";

/** Checks that the shop did what the case names, each as often as it is named, and nothing else. */
export const shopDid: Grader = {
  name: "shop_did",
  grade({ expected_effects }, { shopEffects }) {
    if (expected_effects === undefined) return [];
    const did = shopEffects.map(({ effect }) => effect).toSorted();
    const wanted = expected_effects.toSorted();
    return did.join() === wanted.join()
      ? []
      : [`the shop did ${listed(did)}, and should have done ${listed(wanted)}`];
  },
};

function listed(effects: readonly string[]): string {
  return effects.length === 0 ? "nothing" : effects.join(", ");
}

/** Checks every case: the same change happens once, and a reply leaves after the changes it goes with, or not at all. */
export const toldAsDone: Grader = {
  name: "told_as_done",
  grade: (_evalCase, observed) => [...twice(observed), ...toldTooEarly(observed)],
};

function twice({ shopEffects }: Observed): readonly string[] {
  const keys = shopEffects.map(({ effect, key }) => `${effect} (${key})`);
  return keys
    .filter((one, index) => keys.indexOf(one) !== index)
    .map((one) => `the shop did ${one} more than once`);
}

function toldTooEarly({ ledger }: Observed): readonly string[] {
  return ledger
    .filter(({ operation, state }) => operation === "reply" && state === "done")
    .flatMap((reply) =>
      ledger.filter(
        ({ bundle, position, target, state }) =>
          bundle === reply.bundle &&
          position < reply.position &&
          target === "shop" &&
          state !== "done",
      ),
    )
    .map(({ key, state }) => `a reply left although ${key} is ${state}`);
}
