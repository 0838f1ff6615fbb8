/** The commands about candidates for eval cases: listing, printing, accepting and declining them. */

import type { Command } from "commander";
import type { Clock } from "#core/contracts/ports.ts";
import type { Role } from "#core/values/vocabulary.ts";
import {
  addCandidate,
  decideOnCandidate,
  evalCandidateTable,
} from "#jobs/reports/eval-candidates.ts";
import type { Store } from "#store/db/database.ts";
import { pseudonymOf } from "#store/people/person-keys.ts";
import { needed } from "./command-parts.ts";
import type { PersonalData } from "./erase-commands.ts";

interface EvalContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly personal?: PersonalData | null;
}

type RoleOf = (teammate: { readonly id: string; readonly email: string }) => Role | null;

/** Adds `evals` with its four commands. `people` says who has a role by the policy in force. */
export function addEvalCommands(
  program: Command,
  context: EvalContext,
  people: () => Promise<{ readonly roleOf: RoleOf }>,
  print: (text: string) => void,
): void {
  const { store, clock } = context;
  const evals = program.command("evals").description("eval cases from real conversations");
  evals
    .command("list")
    .description(
      "lists solved conversations that may become eval cases, one of those that ask the same, with rating and who answered",
    )
    .action(async () => {
      print(await evalCandidateTable(store));
    });
  evals
    .command("add <id>")
    .description(
      "prints a solved conversation, a kept ticket of a rehearsal or one turn as a candidate, masked; no gate takes it yet",
    )
    .action(async (id: string) => {
      print((await addCandidate(store, id, clock.now())).text);
    });
  for (const decision of ["accepted", "declined"] as const)
    evals
      .command(decision === "accepted" ? "accept <id>" : "decline <id>")
      .description(
        decision === "accepted"
          ? "a person has read the candidate: prints it as a case that the gate takes, and keeps who and when"
          : "no case is made of it; who and when is kept",
      )
      .requiredOption("--as <teammate>", "who decides: address or id, as in the policy")
      .action(async (id: string, { as: by }: { as: string }) => {
        const email = by.trim().toLowerCase();
        const { roleOf } = await people();
        if (roleOf({ id: email, email }) === null)
          throw new Error(
            `${by} has no role in the policy; nothing was changed. Say --as with the address of a teammate who has one.`,
          );
        const { secret } = needed(context.personal);
        const written = await decideOnCandidate(store, id, {
          decision,
          at: clock.now(),
          pseudonym: (transaction) => pseudonymOf(transaction, email, secret),
        });
        print(written ?? `${id} was declined and becomes no case.`);
      });
}
