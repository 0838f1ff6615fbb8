/** The commands `pause` and `resume`. */

import type { Command } from "commander";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#jobs/context/pause.ts";
import type { Transaction } from "#store/db/database.ts";
import { personPseudonym } from "#store/people/person-keys.ts";
import type { Scope } from "#store/effects/pause.ts";
import {
  type CommandContext,
  leadIn,
  type NamesInForce,
  namesInForce,
  needed,
} from "./command-parts.ts";

const REASON_MAX = 150;
const WHO = "command line";

/** Adds `pause` and `resume`. */
export function addPauseCommands(program: Command, context: CommandContext): void {
  const { store, clock, print } = context;
  program
    .command("pause")
    .argument("[scope]", "all, a channel, or a topic")
    .argument("[reason...]", "reason shown to the team")
    .description("pauses what goes to customers and the shop (all, one channel, or one topic)")
    .action(async (typed: string | undefined, reason: readonly string[]) => {
      const scope = scopeFrom(typed, await namesInForce(context));
      const { state, begun } = await store.run(async (transaction) => {
        const change = { scope, paused: true, by: pausedByText(reason), auditedAs: WHO };
        const after = await setPause(transaction, change, clock.now());
        return { state: after, begun: await inFlightEffectLines(transaction) };
      });
      print(`${pauseInWords(state)}.`);
      if (begun.length > 0) print("Begun before, and not stopped by this:");
      for (const line of begun) print(`  ${line}`);
    });
  program
    .command("resume")
    .argument("[scope]", "all, a channel, or a topic")
    .argument("[reason...]", "reason shown to the team")
    .option("--as <lead>", "address or id of the lead, as in the policy")
    .description("resumes; requires a lead")
    .action(
      async (typed: string | undefined, reason: readonly string[], { as }: { as?: string }) => {
        const known = await namesInForce(context);
        const lead = leadIn(known, as);
        const scope = scopeFrom(typed, known);
        const state = await store.run(async (transaction) => {
          const auditedAs = await pseudonymFor(transaction, context, lead);
          const change = { scope, paused: false, by: pausedByText(reason), auditedAs };
          return setPause(transaction, change, clock.now());
        });
        print(state.holds.length === 0 ? "Running." : `${pauseInWords(state)}.`);
      },
    );
}

function pseudonymFor(
  transaction: Transaction,
  { personal }: CommandContext,
  lead: string,
): Promise<string> {
  const { secret } = needed(personal, "there is no data here to write down who resumed");
  return personPseudonym(transaction, lead, secret);
}

function scopeFrom(typed: string | undefined, known: NamesInForce): Scope {
  const scope = scopeCalled(typed ?? "all", known);
  if (scope === null)
    throw new Error(`'${typed}' is nothing that can be paused. ${scopesInWords(known)}`);
  return scope;
}

function pausedByText(reason: readonly string[]): string {
  const why = reason.join(" ").slice(0, REASON_MAX);
  return why === "" ? WHO : `${WHO}: ${why}`;
}
