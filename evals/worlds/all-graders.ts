/**
 * Room: where cases are played: threads with a world each, so that every processor plays.
 * In: the folder of the cases, the model's name, and which case is next.
 * Out: a record of each play.
 * May touch: threads of this process; in each, what a world touches.
 * This file: the graders of a run.
 */
import type { Grader } from "#evals/grader.ts";
import { actions } from "#evals/graders/actions.ts";
import { shopDid, toldAsDone } from "#evals/graders/done.ts";
import { effects } from "#evals/graders/effects.ts";
import { outcome } from "#evals/graders/outcome.ts";
import { receipts } from "#evals/graders/receipts.ts";
import { strangers } from "#evals/graders/strangers.ts";
import { tools } from "#evals/graders/tools.ts";
import { mustInclude, mustNotInclude } from "#evals/graders/words.ts";
import { TODAY } from "#evals/harness/clock.ts";

/** Graders of rules that hold for every case, whatever it expects: an objection of one of them is a broken rule. */
export const RULE_GRADERS: ReadonlySet<string> = new Set([
  "strangers",
  "effects",
  "receipts",
  "told_as_done",
]);

/** Every grader. Those of `RULE_GRADERS` check every case, whatever it expects. */
export function allGraders(): readonly Grader[] {
  return [
    outcome,
    mustInclude,
    mustNotInclude,
    tools,
    actions,
    strangers({ today: TODAY }),
    effects,
    receipts,
    shopDid,
    toldAsDone,
  ];
}
