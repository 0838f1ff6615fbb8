/** The commands that learn from past conversations: `rehearse`, `compare`, and `evals` for candidates and what people decided about them. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { Autonomy } from "#core/contracts/policy.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import { summaryText } from "#jobs/rehearsal/summary.ts";
import { versionsText } from "#jobs/rehearsal/compare.ts";
import { type CommandContext, endWith, needed, wholePath, namesInForce } from "./command-parts.ts";
import {
  addCandidate,
  decideOnCandidate,
  evalCandidateTable,
} from "#jobs/reports/candidate-cases.ts";
import { personPseudonym } from "#store/people/person-names.ts";
import { harmlessTexts } from "#store/reports/draft-differences.ts";

const Typed = z.object({
  zendesk: z.boolean().default(false),
  mailbox: z.string().optional(),
  file: z.string().optional(),
  inbox: z.array(z.string()).default([]),
  last: z.number(),
  concurrency: z.number(),
  budget: z.number().nullable().default(null),
  as: Autonomy.nullable().default(null),
  proven: z.boolean().default(false),
  anew: z.boolean().default(false),
  json: z.boolean().default(false),
});

const TICKETS_MAX = 10_000;
const AT_ONCE_MAX = 32;

/** Adds `rehearse`. */
export function addRehearseCommand(program: Command, context: CommandContext): void {
  const { rehearse, print } = context;
  withSources(program.command("rehearse"), context)
    .description(
      "plays solved tickets of the past up to a person's answer and compares; nothing is sent or changed",
    )
    .addOption(
      new Option(
        "--as <mode>",
        "as if answers on every channel were in this mode; default: the policy's",
      ).choices(Autonomy.options),
    )
    .option("--anew", "begins again instead of going on with an unfinished rehearsal", false)
    .action(async (options: unknown) => {
      const { json, budget: budgetUsd, ...typed } = Typed.parse(options);
      const { last, concurrency, proven, anew, as } = typed;
      const asked = { last, concurrency, budgetUsd, proven, anew, as };
      const source = typedSource(typed);
      if (source === null) throw new Error(ONE_SOURCE);
      const result = await needed(rehearse)({ source, ...asked });
      print(json ? JSON.stringify(result) : summaryText(result));
    });
}

/** Adds `compare`. */
export function addCompareCommand(program: Command, context: CommandContext): void {
  const { compare, print } = context;
  withSources(program.command("compare <before> <after>"), context)
    .description(
      "plays solved tickets, the sample shop's unless named, through two folders with deskhand.policy.yaml, procedures and pages, or those of git revisions (main:helpdesk); exit code 1 when something breaks, 2 when not all were played",
    )
    .action(async (before: string, after: string, options: unknown) => {
      const { json, budget: budgetUsd, ...typed } = Typed.parse(options);
      const { last, concurrency, proven } = typed;
      const asked = { last, concurrency, budgetUsd, proven, source: typedSource(typed) };
      const compared = await needed(
        compare,
        "compare is typed in a folder of its own",
      )({
        before,
        after,
        ...asked,
      });
      print(json ? JSON.stringify(compared) : versionsText(compared));
      endWith(compared.breaks.length > 0 ? 1 : compared.notPlayed.length > 0 ? 2 : 0);
    });
}

/** Where tickets come from, and how far it may go. */
function withSources(command: Command, context: CommandContext): Command {
  const file = (typed: string): string => wholePath(context, typed);
  return command
    .option("--zendesk", "the tickets solved last in the connected Zendesk, which is only read")
    .option("--mailbox <file>", "a mailbox file (mbox) with the mails of customers and team", file)
    .option("--file <file>", "lines of JSON, as docs/evals.md describes them", file)
    .option("--inbox <address...>", "the team's addresses in a mailbox file; default: your inboxes")
    .option("--last <count>", "at most so many tickets, the newest", whole(TICKETS_MAX), 200)
    .option("--concurrency <count>", "how many are played at once", whole(AT_ONCE_MAX), 4)
    .option("--budget <usd>", "begins no further ticket once the model has cost so much", dollars)
    .option("--proven", "as if every customer had proved their address by a code", false)
    .option("--json", "prints all figures and tickets as JSON", false);
}

const ONE_SOURCE = "name one source: --zendesk, --mailbox FILE or --file FILE";

/** Null where none was named. */
function typedSource({
  zendesk,
  mailbox,
  file,
  inbox,
}: Pick<z.infer<typeof Typed>, "zendesk" | "mailbox" | "file" | "inbox">):
  | RehearsalRequest["source"]
  | null {
  const named: RehearsalRequest["source"][] = [
    ...(zendesk ? [{ kind: "zendesk" as const }] : []),
    ...(mailbox === undefined ? [] : [{ kind: "mailbox" as const, path: mailbox, ours: inbox }]),
    ...(file === undefined ? [] : [{ kind: "file" as const, path: file }]),
  ];
  const [source, ...others] = named;
  if (others.length > 0) throw new Error(ONE_SOURCE);
  return source ?? null;
}

function whole(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`it is a whole number from 1 to ${most}`);
  };
}

function dollars(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("it is an amount in US dollars above zero, such as 2.50");
}

interface EvalOptions {
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
        { accept = false, decline = false, as: by, harmless }: EvalOptions,
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
  const texts = await store.run(harmlessTexts, HARMLESS_MAX);
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
