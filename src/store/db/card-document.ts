/**
 * How a card is stored. Lines stay as every version has them, and what each is about stands beside them. A card of an
 * older version has the lines alone: only here it is read from their words.
 */
import { z } from "zod";
import { Flag, type Card } from "#core/contracts/approval-desk.ts";
import type { UsedUpLimit } from "#core/contracts/policy.ts";

/** The card as its row holds it. */
export function storedCard({ flags, context, ...card }: Card): unknown {
  const { procedures, ...around } = context;
  return {
    ...card,
    flags: flags.map(({ text }) => text),
    ...(flags.length === 0 ? {} : { flagKinds: flags.map(({ text: _text, ...kind }) => kind) }),
    context: {
      ...around,
      procedures: procedures.map(({ line }) => line),
      ...(procedures.length === 0 ? {} : { procedureNames: procedures.map(({ name }) => name) }),
    },
  };
}

/** The stored form with its lines put together again; anything that is no stored card is left as it is. */
export function cardFromStored(stored: unknown): unknown {
  const read = Stored.safeParse(stored);
  if (!read.success) return stored;
  const { flags, flagKinds, actions, context, ...card } = read.data;
  const isOlder = flagKinds === undefined || flagKinds.length !== flags.length;
  return {
    ...card,
    flags: flags.map((text, index) => ({
      text,
      ...(isOlder ? olderKind(text, { actions, files: context?.files ?? "" }) : flagKinds[index]),
    })),
    actions: actions.map((action) => withOlderLimits(action)),
    ...(context === undefined ? {} : { context: withProcedures(context) }),
  };
}

const Kind = z.object({
  // A newer version may know more kinds.
  about: Flag.shape.about.catch("other"),
  action: Flag.shape.action,
});
type Kind = z.infer<typeof Kind>;

const Action = z.looseObject({ label: z.string(), rule: z.string() });
type Action = z.infer<typeof Action>;

const Context = z.looseObject({
  files: z.string().optional(),
  procedures: z.array(z.string()).default([]),
  procedureNames: z.array(z.string()).optional(),
});

const Stored = z.looseObject({
  flags: z.array(z.string()),
  flagKinds: z.array(Kind).optional(),
  actions: z.array(Action),
  context: Context.optional(),
});

function withProcedures({ procedures, procedureNames, ...context }: z.infer<typeof Context>) {
  return {
    ...context,
    procedures: procedures.map((line, index) => ({
      line,
      name: procedureNames?.[index] ?? OLDER_PROCEDURE.exec(line)?.groups?.["name"] ?? "",
    })),
  };
}

/** "late-parcel" of "Late parcel (late-parcel, version 3, step 2)". */
const OLDER_PROCEDURE = /\((?<name>[^(),]+), version \d+/;

const OLDER_KINDS: readonly (readonly [Flag["about"], RegExp])[] = [
  ["check", /^Check “/],
  ["unbacked", /^Unbacked “/],
  ["language", /^The customer writes .+, the draft is /],
  ["reading", /^(?:Read|Not read) against its sources/],
  ["caution", /^Guard, caution \(nothing may be changed\): /],
  ["stopped", /^Guard: /],
  ["unusual", /^Unusual amount: /],
  ["amount", /^Amount /],
];

function olderKind(
  text: string,
  { actions, files }: { readonly actions: readonly Action[]; readonly files: string },
): Kind {
  if (files !== "" && files.startsWith(text)) return { about: "files" };
  const about = OLDER_KINDS.find(([, beginning]) => beginning.test(text))?.[0] ?? "other";
  const action = actions.find(({ label }) => text.endsWith(`(${label})`))?.label;
  return about === "amount" && action !== undefined ? { about, action } : { about };
}

function withOlderLimits(action: Action): Action {
  if (action["usedUp"] !== undefined) return action;
  const usedUp = [...action.rule.matchAll(OLDER_LIMIT)].map(({ groups }): UsedUpLimit => ({
    name: groups?.["name"] ?? "",
    words: groups?.["words"] ?? "",
  }));
  return usedUp.length === 0 ? action : { ...action, usedUp };
}

/** The sentence by which the policy names a limit that left no room, with its terms in brackets. */
const OLDER_LIMIT = /The limit (?<name>\S+) \((?<words>[^()]+)\) is used up/g;
