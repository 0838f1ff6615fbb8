/**
 * The document type of every JSON column: versioned JSON, which newer and older code can both read. Lines of a card
 * stay as every version has them, and what each is about stands beside them.
 */
import { z } from "zod";
import { Action, OrderFacts, Proposal } from "#core/values/action.ts";
import { JsonObject } from "#core/values/canonical-json.ts";
import { Hint } from "#core/contracts/channel.ts";
import { DraftDifference } from "#core/lessons/draft-difference.ts";
import {
  ApprovalVote,
  Card,
  CardClaim,
  Opinion,
  RedraftRequest,
  Flag,
} from "#core/contracts/approval-desk.ts";
import { Message, Signal } from "#core/values/message.ts";
import { Approvers, Decision, type UsedUpLimit } from "#core/contracts/policy.ts";
import { PersonVerdict, RehearsalSummary, RehearsedTicket } from "#core/values/rehearsal.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { DeskhandError } from "#core/values/errors.ts";

/** Members of a card, at any depth, that are stored under another key than their name in code. */
const STORED_KEYS: Readonly<Record<string, string>> = {
  deskChannel: "place",
  status: "aside",
  context: "around",
  citations: "footnotes",
};
const CODE_NAMES = Object.fromEntries(
  Object.entries(STORED_KEYS).map(([code, key]) => [key, code]),
);

/** The card as its row holds it. */
function storedCard({ flags, context, ...card }: Card): unknown {
  const { procedures, ...around } = context;
  const stored = {
    ...card,
    flags: flags.map(({ text }) => text),
    ...(flags.length === 0 ? {} : { flagKinds: flags.map(({ text: _text, ...kind }) => kind) }),
    context: {
      ...around,
      procedures: procedures.map(({ line }) => line),
      ...(procedures.length === 0 ? {} : { procedureNames: procedures.map(({ name }) => name) }),
    },
  };
  return withKeys(stored, STORED_KEYS);
}

/** The stored form with its lines put together again; anything that is no stored card is left as it is. */
function cardFromStored(stored: unknown): unknown {
  const named = withKeys(stored, CODE_NAMES);
  const read = Stored.safeParse(named);
  if (!read.success) return named;
  const { flags, flagKinds, actions, context, ...card } = read.data;
  const isOlder = flagKinds === undefined || flagKinds.length !== flags.length;
  return {
    ...card,
    flags: flags.map((text, index) => ({
      text,
      ...(isOlder ? olderKind(text) : flagKinds[index]),
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

const StoredAction = z.looseObject({ rule: z.string() });
type StoredAction = z.infer<typeof StoredAction>;

const Context = z.looseObject({
  procedures: z.array(z.string()).default([]),
  procedureNames: z.array(z.string()).optional(),
});

const Stored = z.looseObject({
  flags: z.array(z.string()),
  flagKinds: z.array(Kind).optional(),
  actions: z.array(StoredAction),
  context: Context.optional(),
});

function withProcedures({ procedures, procedureNames, ...context }: z.infer<typeof Context>) {
  return {
    ...context,
    procedures: procedures.map((line, index) => ({
      line,
      name: procedureNames?.[index] ?? "",
    })),
  };
}

/** What a flag of 0.3.0, which is a text alone, is about. */
function olderKind(text: string): Kind {
  return { about: OLDER_KINDS.find(([, beginning]) => beginning.test(text))?.[0] ?? "other" };
}

const OLDER_KINDS: readonly (readonly [Flag["about"], RegExp])[] = [
  ["check", /^Check “/],
  ["stopped", /^Guard: /],
  ["amount", /^Amount /],
];

function withOlderLimits(action: StoredAction): StoredAction {
  if (action["usedUp"] !== undefined) return action;
  const usedUp = [...action.rule.matchAll(OLDER_LIMIT)].map(({ groups }): UsedUpLimit => ({
    name: groups?.["name"] ?? "",
    words: groups?.["words"] ?? "",
  }));
  return usedUp.length === 0 ? action : { ...action, usedUp };
}

/** The sentence by which the policy names a limit that left no room, with its terms in brackets. */
const OLDER_LIMIT = /The limit (?<name>\S+) \((?<words>[^()]+)\) is used up/g;

/** The field of a stored document that holds its version. No field of ours begins with this sign. */
const VERSION_FIELD = "$version";

// Made once: a reader that is made for each row costs more than what it reads.
const Fields = z.record(z.string(), z.unknown());
const Items = z.array(z.unknown());
const Version = z.int().min(1);

/** One step: turns a document of the previous version into one of the next. Pure, and never changed again. */
type Upgrade = (older: JsonObject) => JsonObject;

/** How one kind of value is stored: written by `encode`, read by `decode`, which also reads older versions. */
export interface Persisted<Value> {
  encode(value: Value): unknown;
  /**
   * Throws `store.newer_schema` for a document of an unknown newer version: it is left for a process that runs the
   * newer code. Fields that are merely unknown are dropped.
   */
  decode(stored: unknown): Value;
}

/** The name of one kind of document in errors, and the history of its shape. */
interface PersistedShape<Schema extends z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  /**
   * From version 1 to 2, from 2 to 3 and so on; none while the document is at version 1. One is added when older code
   * could not read what is written, or would read it wrongly.
   */
  readonly upgrades?: readonly Upgrade[];
  /** For a value whose form in code differs from the stored one: makes the one of the other. */
  readonly form?: {
    toStored(value: z.output<Schema>): unknown;
    fromStored(stored: unknown): unknown;
  };
  /** For a document that has always carried its version in a field of its own. */
  readonly versionField?: string;
}

/**
 * A document without a version is version 1, and version 1 is written without one: rows of every release before
 * versioning look like that, and those releases can still read them while they run beside a newer one.
 */
export function persisted<Schema extends z.ZodType>(
  shape: PersistedShape<Schema>,
): Persisted<z.output<Schema>> {
  const { name, schema, upgrades = [], versionField = VERSION_FIELD, form } = shape;
  const version = upgrades.length + 1;
  return {
    encode(written) {
      const value = form === undefined ? written : form.toStored(written);
      if (version === 1 && versionField === VERSION_FIELD) return value;
      return { ...Fields.parse(value), [versionField]: version };
    },
    decode(stored) {
      const opened = open(stored, versionField);
      if (opened.version > version) throw newer(name, opened.version, version);
      const upgraded = upgrades
        .slice(opened.version - 1)
        .reduce((older, upgrade) => upgrade(JsonObject.parse(older)), opened.document);
      const current = form === undefined ? upgraded : form.fromStored(upgraded);
      const read = schema.safeParse(current);
      return read.success ? read.data : schema.parse(z.parse(lenient(schema), current));
    },
  };
}

/** True where only a newer version can read what is stored. */
export function isNewerSchema(error: unknown): boolean {
  return error instanceof DeskhandError && error.code === "store.newer_schema";
}

/** The same value with these keys renamed at every depth. */
function withKeys(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withKeys(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [names[key] ?? key, withKeys(inner, names)]),
  );
}

/** A list of documents, each with its own version: an appended one may be newer than those before it. */
export function persistedEach<Value>(one: Persisted<Value>): Persisted<Value[]> {
  return {
    encode: (values) => values.map((value) => one.encode(value)),
    decode: (stored) => Items.parse(stored).map((item) => one.decode(item)),
  };
}

/**
 * Stored as it is, for values without room for a version: lists of text, and JSON that another module interprets. Its
 * shape never changes; another shape gets another column.
 */
function persistedAsIs<Schema extends z.ZodType>(schema: Schema): Persisted<z.output<Schema>> {
  return { encode: (value) => value, decode: (stored) => schema.parse(stored) };
}

function open(
  stored: unknown,
  versionField: string,
): { readonly version: number; readonly document: unknown } {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored))
    return { version: 1, document: stored };
  const { [versionField]: version = 1, ...document } = Fields.parse(stored);
  return { version: Version.parse(version), document };
}

function newer(name: string, found: number, known: number): DeskhandError {
  return new DeskhandError(
    "store.newer_schema",
    `A ${name} has version ${found}; this Deskhand reads up to ${known}. It is left for the newer one.`,
  );
}

/**
 * The same schema, dropping unknown fields instead of refusing them, at every depth. External input stays strict,
 * because there an unknown field is a mistake; in our own rows it was written by a newer version that runs in parallel.
 * Plain JSON in the schema is kept whole.
 */
export function lenient(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = {};
    for (const [name, inner] of Object.entries<z.core.$ZodType>(schema.def.shape))
      shape[name] = lenient(inner);
    const isStrict = schema.def.catchall instanceof z.ZodNever;
    return schema.clone({
      ...schema.def,
      shape,
      catchall: isStrict ? undefined : schema.def.catchall,
    });
  }
  if (schema instanceof z.ZodArray)
    return schema.clone({ ...schema.def, element: lenient(schema.def.element) });
  if (schema instanceof z.ZodUnion)
    return schema.clone({ ...schema.def, options: schema.def.options.map(lenient) });
  if (schema instanceof z.ZodRecord)
    return schema.clone({ ...schema.def, valueType: lenient(schema.def.valueType) });
  if (schema instanceof z.ZodNullable)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  if (schema instanceof z.ZodOptional)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  if (schema instanceof z.ZodDefault)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  return schema;
}

/**
 * How every JSON column is written and read: `schema.ts` creates them in no other way. SQL reads a few fields by name
 * (a hint's and a signal's `kind`, `text` of a message, counts of a trace, `voter` and `at` of a vote): those keep
 * their place in every version.
 */
export const DOCUMENTS = {
  hint: persisted({ name: "hint", schema: Hint }),
  message: persisted({ name: "message", schema: Message }),
  /** Version 2 adds the kind `reopened`. */
  signal: persisted({ name: "signal", schema: Signal, upgrades: [(older) => older] }),
  trace: persisted({ name: "trace", schema: TurnTrace }),
  proposal: persisted({ name: "proposal", schema: Proposal }),
  rules: persistedEach(persisted({ name: "decision", schema: Decision })),
  needs: persisted({ name: "number of approvers", schema: Approvers }),
  votes: persistedEach(persisted({ name: "vote", schema: ApprovalVote })),
  claim: persisted({ name: "claim of a card", schema: CardClaim }),
  opinions: persistedEach(persisted({ name: "opinion", schema: Opinion })),
  redraft: persisted({ name: "wish for another draft", schema: RedraftRequest }),
  card: persisted({
    name: "card",
    schema: Card,
    form: { toStored: storedCard, fromStored: cardFromStored },
  }),
  action: persisted({ name: "action", schema: Action }),
  facts: persistedEach(persisted({ name: "set of order facts", schema: OrderFacts })),
  answer: persisted({
    name: "desk's answer",
    schema: z.object({
      accepted: z.boolean(),
      message: z.string(),
      fieldErrors: z.record(z.string(), z.string()),
      card: z.string().exactOptional(),
      undoMs: z.number().exactOptional(),
      /** What the click decided, by digest; left out by older code. */
      content: z.string().exactOptional(),
    }),
  }),
  rehearsalSummary: persisted({ name: "summary of a rehearsal", schema: RehearsalSummary }),
  rehearsedTicket: persisted({ name: "rehearsed ticket", schema: RehearsedTicket }),
  personVerdict: persisted({ name: "verdict of a person", schema: PersonVerdict }),
  draftDifference: persisted({ name: "difference from a draft", schema: DraftDifference }),
  /** Keys and sentences, whose shape cannot change. */
  lines: persistedAsIs(z.array(z.string())),
  ids: persistedAsIs(z.array(z.int())),
  /** The chain's hash covers it, so it is stored as written; the entry's kind determines its content. */
  auditData: persistedAsIs(JsonObject),
  /** What is missing means nothing is known; `knowledge/pages.ts` reads it. */
  pageAttributes: persistedAsIs(JsonObject),
  /** Each setting has its own shape, which `settings.ts` decodes. */
  setting: persistedAsIs(z.json()),
};
