import type { Command } from "commander";
import { inFlight } from "#jobs/in-flight.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#jobs/pause.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#core/ports.ts";
import type { Store } from "#store/driver.ts";

const REASON_MAX = 150;
const WHO = "command line";

/** Adds `pause` and `resume`. `policy` gives what names the topics, where one is known. */
export function addPauseCommands(
  program: Command,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  policy: () => Promise<Pick<Policy, "operations" | "topics">>,
  print: (text: string) => void,
): void {
  for (const [name, paused] of [
    ["pause", true],
    ["resume", false],
  ] as const)
    program
      .command(name)
      .argument("[scope]", "all, a channel, or a topic")
      .argument("[reason...]", "as the team is to read it")
      .description(
        paused
          ? "stops what goes to customers and the shop (all, one channel, or one topic)"
          : "goes on",
      )
      .action(async (typed: string | undefined, reason: readonly string[]) => {
        const known = await policy();
        const scope = scopeCalled(typed ?? "all", known);
        if (scope === null)
          throw new Error(`'${typed}' is nothing that can be paused. ${scopesInWords(known)}`);
        const why = reason.join(" ").slice(0, REASON_MAX);
        const by = why === "" ? WHO : `${WHO}: ${why}`;
        const { state, begun } = await store.run(async (transaction) => ({
          state: await setPause(transaction, { scope, paused, by, auditedAs: WHO }, clock.now()),
          begun: paused ? await inFlight(transaction) : [],
        }));
        print(state.holds.length === 0 ? "Running." : `${pauseInWords(state)}.`);
        if (begun.length > 0) print("Begun before, and not stopped by this:");
        for (const line of begun) print(`  ${line}`);
      });
}
