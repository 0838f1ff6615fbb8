/** A case that people have, as the tests of this folder bring one about, press on it and read it. */
import assert from "node:assert/strict";
import type { DecisionButton, DeskDecision } from "#core/contracts/approval-desk.ts";
import { caseStates } from "#store/conversations/conversations.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";

export function peopleCases(bench: JobBench) {
  return {
    /** By a teammate who saw all that came. */
    press: (button: DecisionButton, about: string, more: Partial<DeskDecision> = {}) =>
      bench.decide(about, button, { seen: Number.MAX_SAFE_INTEGER, ...more }),
    state: async (id: string) =>
      (await bench.at(caseStates, [id], bench.now())).get(id) ?? assert.fail(id),
    handedOver: (more: Parameters<typeof bench.write>[1] = {}) => {
      bench.answer(() => replying("", { ending: escalating("no page says it") }));
      return bench.write("Do you have a shop in Rome?", more);
    },
  };
}
