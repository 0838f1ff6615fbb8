/** The commands `pause` and `resume`. */

import type { Command } from "commander";
import { z } from "zod";
import { effectsInFlightOf } from "#jobs/effects/give-up.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#jobs/context/pause.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { pseudonymOf } from "#store/people/person-keys.ts";
import type { Scope } from "#store/effects/pause.ts";

const REASON_MAX = 150;
const WHO = "command line";

/** What a command may name here, and who has which role; without a policy no name has one. */
type PausePolicy = Pick<Policy, "operations" | "topics" | "roleOf">;

interface PauseContext {
  readonly store: Store;
  readonly clock: Clock;
  /** The secret for pseudonyms; null or left out where there is no data. */
  readonly personal?: { readonly secret: Keys } | null;
}

const Options = z.object({ as: z.string().trim().min(1).optional() });

/** Adds `pause` and `resume`. `policy` gives the names of topics and leads, where one is known. */
export function addPauseCommands(
  program: Command,
  given: PauseContext,
  policy: () => Promise<PausePolicy>,
  print: (text: string) => void,
): void {
  const { store, clock } = given;
  program
    .command("pause")
    .argument("[scope]", "all, a channel, or a topic")
    .argument("[reason...]", "reason shown to the team")
    .description("pauses what goes to customers and the shop (all, one channel, or one topic)")
    .action(async (typed: string | undefined, reason: readonly string[]) => {
      const scope = scopeOf(typed, await policy());
      const { state, begun } = await store.run(async (transaction) => {
        const change = { scope, paused: true, by: pausedByText(reason), auditedAs: WHO };
        const after = await setPause(transaction, change, clock.now());
        return { state: after, begun: await effectsInFlightOf(transaction) };
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
    .action(async (typed: string | undefined, reason: readonly string[], options: unknown) => {
      const known = await policy();
      const lead = leadIn(known, Options.parse(options).as);
      const scope = scopeOf(typed, known);
      const state = await store.run(async (transaction) => {
        const auditedAs = await pseudonymFor(transaction, given, lead);
        const change = { scope, paused: false, by: pausedByText(reason), auditedAs };
        return setPause(transaction, change, clock.now());
      });
      print(state.holds.length === 0 ? "Running." : `${pauseInWords(state)}.`);
    });
}

/** The lead who resumes at the command line, as on the desk. Throws for other roles. */
function leadIn({ roleOf }: PausePolicy, name: string | undefined): string {
  if (name === undefined)
    throw new Error(
      "Only a lead can let things go on. Say who you are: resume --as and your address, as it stands under roles.lead of the policy. Nothing was changed.",
    );
  // The argument may be an address or an id, and the policy lists people by either.
  if (roleOf({ id: name, email: name }) !== "lead")
    throw new Error(`${name} is no lead in the policy in force. Nothing was changed.`);
  return name;
}

function pseudonymFor(
  transaction: Transaction,
  { personal }: PauseContext,
  lead: string,
): Promise<string> {
  if (personal === null || personal === undefined)
    throw new Error("there is no data here to write down who resumed");
  return pseudonymOf(transaction, lead, personal.secret);
}

function scopeOf(typed: string | undefined, known: PausePolicy): Scope {
  const scope = scopeCalled(typed ?? "all", known);
  if (scope === null)
    throw new Error(`'${typed}' is nothing that can be paused. ${scopesInWords(known)}`);
  return scope;
}

function pausedByText(reason: readonly string[]): string {
  const why = reason.join(" ").slice(0, REASON_MAX);
  return why === "" ? WHO : `${WHO}: ${why}`;
}
