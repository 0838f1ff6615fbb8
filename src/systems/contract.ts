/**
 * Room: your own systems behind the bot's tools: what a tool made from an OpenAPI document, a database table or an MCP
 * server declares, and how it is carried out.
 * In: declarations of tools (YAML files in a folder for each system), the turn's tool context, actions with their keys.
 * Out: read tools, write tools and one target in the contracts of core.
 * May touch: the systems the declarations name; nothing else.
 * This file: the contract, and the form that every file has to have. A declaration is data, so that it can be checked before
 * anything is called: values stand in it as one text each (`input order_id`), and fields as words in place of schemas.
 */
import { z } from "zod";
import { type Database, SqlReadDeclaration } from "#systems/sql/declaration.ts";
import { RecordFields, ShownMoney, Text, ToolHead } from "./declared-fields.ts";

/** What is known of the requester without asking the model. `system_id` is their id in this system, found by e-mail. */
export const RequesterValue = z.enum(["customer_id", "email", "system_id"]);
export type RequesterValue = z.output<typeof RequesterValue>;

/** A value in its parts, for names that no text can hold. The model chooses `input` only. */
const OneValue = z.discriminatedUnion("from", [
  /** A property of the tool's input. */
  z.strictObject({ from: z.literal("input"), name: z.string().min(1) }),
  /** Filled in by code from the verified requester. */
  z.strictObject({ from: z.literal("requester"), is: RequesterValue }),
  /** A field of the record the change is about, by its path, such as `payment.id`. Write tools only. */
  z.strictObject({
    from: z.literal("record"),
    field: z.string().min(1),
    /** Not sent where the record does not have it; written with a question mark. */
    isOptional: z.literal(true).exactOptional(),
  }),
  /** The key of the effect, in a form the system takes. Write tools only. */
  z.strictObject({ from: z.literal("key") }),
  z.strictObject({
    from: z.literal("fixed"),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
]);
type OneValue = z.output<typeof OneValue>;

/** The same, or a text with such values in it. */
export const ValueParts = z.union([
  OneValue,
  z.strictObject({
    from: z.literal("text"),
    parts: z.array(z.union([z.string(), OneValue])),
  }),
]);
export type Value = z.output<typeof ValueParts>;

/** What a value is made of: itself, or the values in a text. */
export function valuesWithin(value: Value): readonly OneValue[] {
  if (value.from !== "text") return [value];
  return value.parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
}

const PATH = String.raw`[A-Za-z0-9_$][A-Za-z0-9_$.-]{0,199}`;
const FORM = new RegExp(
  `^(input|record) +(${PATH})(\\?)?$|^requester +(customer_id|email|system_id)$`,
);

/** What is said of a text that is none of them. */
const VALUE_FORMS =
  "say `input NAME`, `record FIELD`, `requester email`, `requester customer_id`, `requester system_id`, `key`, `fixed TEXT`, or `text TEXT with {input NAME}`";

/** A number or a yes or no stands for itself; a text is one of the forms, `fixed` in front of any other text. */
export const ValueText = z
  .union([z.number(), z.boolean(), z.string().max(10_000)])
  .transform((given, context): Value => {
    if (typeof given !== "string") return { from: "fixed", value: given };
    const text = given.trim();
    const parts = text.startsWith("text ") ? textParts(text.slice("text ".length).trim()) : null;
    if (parts !== null && !parts.includes(null))
      return { from: "text", parts: parts.filter((part) => part !== null) };
    const one = oneValue(text);
    if (one !== null) return one;
    context.addIssue({ code: "custom", message: VALUE_FORMS });
    return z.NEVER;
  });

function oneValue(text: string): OneValue | null {
  if (text === "key") return { from: "key" };
  if (text.startsWith("fixed "))
    return { from: "fixed", value: text.slice("fixed ".length).trim() };
  const [, kind, name = "", mark, requester] = FORM.exec(text) ?? [];
  const known = RequesterValue.safeParse(requester);
  if (known.success) return { from: "requester", is: known.data };
  if (kind === "input" && mark === undefined) return { from: "input", name };
  if (kind !== "record") return null;
  return {
    from: "record",
    field: name,
    ...(mark === undefined ? {} : { isOptional: true as const }),
  };
}

/** What stands between braces is a value; null for one that is none. */
function textParts(text: string): readonly (string | OneValue | null)[] {
  return text
    .split(/\{([^{}]*)\}/)
    .map((piece, at) => (at % 2 === 0 ? piece : oneValue(piece.trim())));
}

export type { Database, SqlReadDeclaration };

/** By the name under which each travels. */
const Values = z.record(z.string(), z.union([ValueParts, ValueText], VALUE_FORMS));

/** One HTTP request with its values still open. Nothing else is ever sent. */
const RequestTemplate = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  /** Below the connection's address; `{name}` is taken from `pathValues` and sent as exactly one segment. */
  path: z.string(),
  pathValues: Values.exactOptional(),
  query: Values.exactOptional(),
  headers: Values.exactOptional(),
  body: z
    .strictObject({
      /** `form` sends nested fields as `address[line1]`; `json-patch` makes one `replace` of each field. */
      encoding: z.enum(["json", "form", "json-patch"]),
      /** By the path of the field in the body, such as `amount.value`. */
      fields: Values,
    })
    .exactOptional(),
});
export type RequestTemplate = z.output<typeof RequestTemplate>;

/** How a record is proven to be the requester's. A read of account data without one of these is refused. */
const Belonging = z.discriminatedUnion("by", [
  /** A field of the record equals what is known of the requester; records that do not match look like none. */
  z.strictObject({ by: z.literal("field"), field: Text, is: RequesterValue }),
  /**
   * The request asks only for theirs: the path, query or body value of this name is filled in by code. `field` names the
   * field of the record that repeats it and is compared as well; a filter in query or body needs it, because a system
   * may ignore a filter.
   */
  z.strictObject({
    by: z.literal("parameter"),
    name: Text,
    is: RequesterValue,
    field: Text.exactOptional(),
  }),
  /**
   * The record hangs on another one, which is read first and proven by its own rule: payments of an order. `tool` is a
   * read tool with exactly one input, which gets this tool's `input`; `parentField` is the field of its record that has
   * to be that value, since a system may answer with another record of theirs. `field` names the field of this record
   * that repeats it; a filter in query or body needs it.
   */
  z.strictObject({
    by: z.literal("record"),
    input: Text,
    tool: Text,
    parentField: Text,
    field: Text.exactOptional(),
  }),
  /** Not about a customer: opening hours, a carrier's public tracking page. Says why, for `tools check`. */
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);
export type Belonging = z.output<typeof Belonging>;

/** How requests to a system are signed. Values are names of settings or files, never secrets. */
const Authentication = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("api-key"),
    in: z.enum(["header", "query"]),
    name: Text,
    secret: Text,
  }),
  z.strictObject({ kind: z.literal("basic"), user: Text, secret: Text }),
  z.strictObject({ kind: z.literal("bearer"), secret: Text }),
  z.strictObject({
    kind: z.literal("client-credentials"),
    /** The address itself, the name of the setting with it, or a path on the server of the connection's address. */
    tokenUrl: Text,
    client: Text,
    secret: Text,
    /** A token that stays valid, which is sent where no client is set: that of an app made earlier. */
    lastingToken: Text.exactOptional(),
    scopes: z.array(z.string()),
    /** Where client and secret travel; in the header unless the token endpoint takes them in the body only. */
    credentialsIn: z.enum(["header", "body"]).exactOptional(),
    /** The header that the token travels in by itself; left out for `Authorization: Bearer`. */
    header: Text.exactOptional(),
  }),
]);
export type Authentication = z.output<typeof Authentication>;

/** Digests of what an MCP server said of a tool, part by part, so that it can be told what changed. */
const ToolPin = z.strictObject({
  /** Title and description. */
  words: z.string(),
  input: z.string(),
  output: z.string(),
  /** What the tool says of itself, such as that it only reads. */
  hints: z.string(),
});
export type ToolPin = z.output<typeof ToolPin>;

/** One system: where it is, how it is asked, and what it is spared. Stands in a file of its own beside its tools. */
export const Connection = z.strictObject({
  /** Names it on cards, in traces and in errors. */
  name: Text.max(60),
  /** The name of the setting with its address, so that a test and production differ in one line. */
  addressFrom: Text,
  /** Used when the setting is empty; null when it has to be set. */
  address: Text.nullable(),
  authentication: Authentication,
  /** Sent with every request, such as an API version. */
  headers: z.record(z.string(), z.string()).exactOptional(),
  limits: z.strictObject({
    timeoutMs: z.int().min(1),
    answerBytesMax: z.int().min(1),
    /** Requests a minute; null for no limit of ours. */
    perMinute: z.int().min(1).nullable(),
  }),
  /**
   * Path of the field by which an answer with a status of success says that it failed, such as `errors` of GraphQL; left
   * out where the status says it. With anything in it the answer counts as one with status 503.
   */
  failsWith: Text.exactOptional(),
  /** Values of a field of such an answer by which the system refuses the whole request unseen, as with status 429. */
  didNothingWith: z.strictObject({ field: Text, is: z.array(Text) }).exactOptional(),
  /** The same for a refusal that lasts, such as of a right that the key lacks: not asked again, and no outage. */
  deniedWith: z.strictObject({ field: Text, is: z.array(Text) }).exactOptional(),
  /**
   * Of an MCP server: what each of its tools looked like to the person who imported it, by the tool's name. A path then
   * is a tool, its body the arguments; a tool that changed since is out of use.
   */
  mcp: z.strictObject({ tools: z.record(Text, ToolPin) }).exactOptional(),
  /**
   * Records of anybody that `tools check` and doctor ask for. Where there are some and none has the field by which their
   * owner is proven, no customer is ever shown anything; `or` says why that may be. Nothing of them is kept. `rights`:
   * where the answer lists what the key may do, and what tools need, one of each list.
   */
  sample: z
    .strictObject({
      request: RequestTemplate,
      at: z.string(),
      field: Text,
      or: Text.max(300),
      rights: z.strictObject({ at: Text, needed: z.array(z.array(Text)) }).exactOptional(),
    })
    .exactOptional(),
  /** How a verified e-mail address becomes the customer's id in this system; left out when no tool needs it. */
  customer: z
    .strictObject({
      request: RequestTemplate,
      /** Path of the records in the answer; empty for the answer itself. */
      records: z.string(),
      id: Text,
      /** Compared with the verified address without regard to case; exactly one record must match. */
      email: Text,
    })
    .exactOptional(),
});
export type Connection = z.output<typeof Connection>;

/** How records are found in an answer. */
const Records = z.strictObject({
  request: RequestTemplate,
  /** Path of the records in the answer; empty when the answer is the record or the list itself. */
  at: z.string(),
  many: z.boolean(),
  /** Narrowed to the fields that are needed; unknown fields are dropped before anything else sees them. */
  record: RecordFields,
  /**
   * One element of a list in the record, such as an item of an order: the one whose field `by` is this input. It stands
   * in the record as `chosen`; without it there is no such record. Lists on the path `from` are gone through.
   */
  chosen: z.strictObject({ from: Text, by: Text, input: Text }).exactOptional(),
});
export type Records = z.output<typeof Records>;

const Common = {
  /** Formed already, since all tools of a folder share it. */
  connection: z.custom<Connection>(),
  ...ToolHead,
};

export const ReadDeclaration = z.strictObject({
  ...Common,
  kind: z.literal("read"),
  from: Records,
  belongsTo: Belonging,
  /** Fields with personal data, by path: they are masked in traces and never leave the conversation. */
  personal: z.array(Text),
  money: ShownMoney.exactOptional(),
  /** At most so many records are shown. */
  shownMax: z.int().min(1).max(100),
});
export type ReadDeclaration = z.output<typeof ReadDeclaration>;

/** How the outcome of a change is found out after a lost answer. */
const FindRule = z.discriminatedUnion("by", [
  /** The system can be asked by our key, or keeps it in a field of what it made, alone or in a text. */
  z.strictObject({
    by: z.literal("key"),
    from: Records,
    keyField: Text,
    ref: Text,
    /** What the record under the key has to say besides, such as the amount; with anything else a person looks. */
    same: Values.exactOptional(),
  }),
  /**
   * The record shows whether it is done: every named field has the value that was asked for. Without `from` it is read as
   * the record that the change is about.
   */
  z.strictObject({
    by: z.literal("looking"),
    from: Records.exactOptional(),
    shows: Values,
    ref: Text,
  }),
  /** There is no way to know. Policy must ask a person, and an uncertain answer is told as such. */
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);
type FindForm = z.output<typeof FindRule>;
export type FindRule =
  | Exclude<FindForm, { by: "looking" }>
  | (Extract<FindForm, { by: "looking" }> & { from: Records });

/** A change as its file has it. */
export const WriteForm = z.strictObject({
  ...Common,
  kind: z.literal("write"),
  /** The operation the policy has a rule for; the tool's name unless it collides. */
  operation: z.string().regex(/^[a-z][a-z_]{1,40}$/, "is lower case letters and underscores"),
  /** A person decides, whatever the policy says and however it is asked for. */
  personDecides: z.literal(true).exactOptional(),
  /** Of files made before there was `personDecides`: an empty list said the same, and no other said anything. */
  wishes: z.array(z.string()).exactOptional(),
  /** People decide where the policy has no rule: for a tool that came to its folder later. */
  withoutRule: z.literal("ask").exactOptional(),
  /** What replies call it when it is done; left out where name and description say it: `pause_subscription`. */
  called: z.strictObject({ verbs: z.array(Text), things: z.array(Text) }).exactOptional(),
  /** The record the change is about, read and proven before anything is proposed. */
  about: z.strictObject({
    from: Records,
    belongsTo: Belonging,
    id: Text,
    /** Fields that must still have the value they had when people decided; otherwise the change is refused. */
    unchanged: z.array(Text),
    /**
     * Fields that must have one of these values, or with `not` none of them, or the change is neither proposed nor made;
     * `or` says why not.
     */
    must: z
      .array(
        z.strictObject({
          field: Text,
          not: z.literal(true).exactOptional(),
          is: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1),
          or: Text.max(200),
        }),
      )
      .exactOptional(),
  }),
  /** Inputs that must stand in the customer's own words, or a person decides. */
  ownWords: z.array(Text),
  /** Money that moves: a field of the input (null: all that is left) in the currency and units of the record. */
  money: z
    .strictObject({
      amount: Text,
      /** All that is left moves: the model gives no amount, and the name of it is none of the inputs. */
      isWhole: z.literal(true).exactOptional(),
      paid: Text,
      refunded: Text.nullable(),
      currency: Text,
      unit: z.enum(["minor", "decimal"]),
      /** Field with the day it reached the customer, for rules about days; without it the policy always asks a person. */
      deliveredOn: Text.exactOptional(),
      /** Field with the state of the order, for rules about orders that have not left. */
      status: Text.exactOptional(),
    })
    .exactOptional(),
  /** The line on the card: `{field}` of the record and `{input.name}` are filled in. */
  label: Text.max(300),
  /** What makes two requests the same effect, by fields of the record and inputs: `["id", "input.amount"]`. */
  identity: z.array(Text).min(1),
  /** The request that makes the change, and what its answer has to prove. */
  commit: z.strictObject({
    request: RequestTemplate,
    /** Where the key travels so that the system does nothing twice; null when it has no such thing. */
    idempotency: z.strictObject({ in: z.enum(["header", "field"]), name: Text }).nullable(),
    /**
     * The receipt, narrowed; `ref` is the system's id of what was made, `same` proves it is what was asked. A state is one
     * of the values that mean done.
     */
    receipt: RecordFields,
    /** Empty where the answer of a change without money names nothing: its status is then the system's word. */
    ref: z.string(),
    same: Values,
    /**
     * Path of the amount in the receipt, which has to be the one that was asked for; null where the answer does not say
     * it. Then `find` compares it, and is asked before the change counts as done.
     */
    amount: Text.nullable().exactOptional(),
    /**
     * Path of the field by which an answer with a status of success refuses the change, such as a list of reasons in an
     * answer of GraphQL; left out where the status says it. With anything in it, and nothing at `ref`, nothing was done.
     */
    refusedWith: Text.exactOptional(),
    /**
     * The system takes the change on and carries it out later. It is done only when `find` shows it, and until then it is
     * asked again and never sent a second time.
     */
    isLater: z.literal(true).exactOptional(),
    /** The system deletes its own record of what may have happened elsewhere, so that its absence proves nothing. */
    mayVanish: z.literal(true).exactOptional(),
  }),
  find: FindRule,
});
type WriteForm = z.output<typeof WriteForm>;

/** A change in a system. It only proposes; the ledger commits it under its key. */
export type WriteDeclaration = Omit<WriteForm, "find" | "wishes"> & { find: FindRule };

/** A change that moves money. A customer is told of it only once its id and its amount are proven. */
export type MoneyDeclaration = WriteDeclaration & { money: NonNullable<WriteForm["money"]> };

const WriteDeclaration = WriteForm.refine(
  ({ money, commit }) => (money === undefined) === (commit.amount === undefined),
  {
    path: ["commit", "amount"],
    message:
      "a change with `money` names the field of its receipt with the amount, or null; no other change has it",
  },
).transform(({ find, wishes, ...form }): WriteDeclaration => ({
  ...form,
  ...(wishes?.length === 0 && { personDecides: true as const }),
  find: find.by === "looking" ? { from: form.about.from, ...find } : find,
}));

/** A tool as it is used. Its file has the same parts without `connection` or `database`, which stand beside it. */
export const SystemTool = z.discriminatedUnion("kind", [
  ReadDeclaration,
  WriteDeclaration,
  SqlReadDeclaration,
]);
export type SystemTool = z.output<typeof SystemTool>;

/** A tool that asks a system; a look-up in a database has no such connection. */
export type RequestTool = Extract<SystemTool, { connection: Connection }>;
