/** The command `evals`: candidates for eval cases, one of them as a case, and what people decided about it. */

import type { Command } from "commander";
import {
  addCandidate,
  decideOnCandidate,
  evalCandidateTable,
} from "#jobs/reports/candidate-cases.ts";
import { personPseudonym } from "#store/people/person-keys.ts";
import { harmlessTexts } from "#store/reports/harmless-texts.ts";
import { type CommandContext, namesInForce, needed } from "./command-parts.ts";

interface Typed {
  readonly accept?: boolean;
  readonly decline?: boolean;
  readonly as?: string;
  readonly harmless?: boolean;
}

/** Adds `evals`. */
export function addEvalCommand(program: Command, context: CommandContext): void {
  const { store, clock, print } = context;
  program
    .command("evals [id]")
    .description(
      "lists solved conversations that may become eval cases, one of those that ask the same, with rating and who answered; with an id (a conversation, a kept ticket of a rehearsal or a turn), prints it masked as a candidate",
    )
    .option(
      "--accept",
      "a person has read it: prints it as a case that the gate takes, and keeps who and when",
    )
    .option("--decline", "no case is made of it; who and when is kept")
    .option("--as <teammate>", "who decides: address or id, as in the policy")
    .option(
      "--harmless",
      "prints the texts that teammates said to be harmless, masked, as lines of JSON for the guard's training",
    )
    .action(
      async (
        id: string | undefined,
        { accept = false, decline = false, as: by, harmless }: Typed,
      ) => {
        if (harmless === true) {
          for (const line of await harmlessLines(context)) print(line);
          return;
        }
        if (accept || decline) {
          if (id === undefined || accept === decline)
            throw new Error("say the id of one candidate, and either --accept or --decline");
          return print(await decided(context, id, accept ? "accepted" : "declined", by));
        }
        print(
          id === undefined
            ? await evalCandidateTable(store)
            : (await addCandidate(store, id, clock.now())).text,
        );
      },
    );
}

async function decided(
  context: CommandContext,
  id: string,
  decision: "accepted" | "declined",
  by: string | undefined,
): Promise<string> {
  const email = needed(by, "say who decides: --as with an address").trim().toLowerCase();
  const { roleOf } = await namesInForce(context);
  if (roleOf({ id: email, email }) === null)
    throw new Error(
      `${by} has no role in the policy; nothing was changed. Say --as with the address of a teammate who has one.`,
    );
  const { secret } = needed(context.personal);
  const written = await decideOnCandidate(context.store, id, {
    decision,
    at: context.clock.now(),
    pseudonym: (transaction) => personPseudonym(transaction, email, secret),
  });
  return written ?? `${id} was declined and becomes no case.`;
}

const HARMLESS_MAX = 10_000;

/** One line of JSON for each, in the form of `evals/guard/texts`. The words are masked; a person reads them first. */
async function harmlessLines({ store }: CommandContext): Promise<readonly string[]> {
  const texts = await store.run((transaction) => harmlessTexts(transaction, HARMLESS_MAX));
  return texts.map(({ id, segment, lang, maskedText }) =>
    JSON.stringify({
      id: `desk-${id}`,
      kind: "hard-benign",
      lang: lang === "" ? "und" : lang,
      text: maskedText,
      ...(segment === "body" ? {} : { segment }),
      split: "train",
      source: "desk",
    }),
  );
}
