/**
 * Room: importing: making tools from what a system says of itself: an OpenAPI document, a database, an MCP server.
 * In: documents and answers of systems, all of it untrusted; answers of the lead to the questions.
 * Out: descriptions, guesses; files of tools.
 * May touch: the file or the address that is named, and the folder for the tools.
 * This file: the neutral description. It is data, so that it can be stored, compared and shown.
 *
 * Every text in it that comes from outside has been cut and checked; a text that was refused is empty and a problem says so.
 */

import type { ToolPin, WriteDeclaration } from "#systems/contract.ts";

/** A conclusion of ours that may be wrong. */
export interface Guess<Value> {
  readonly value: Value;
  /** True when the document says so itself; false when names suggest it, and the lead should look. */
  readonly stated: boolean;
}

/** Something in the document that could not be taken over as it stands. The rest of the document is usable. */
export interface Problem {
  /** Where, as a JSON pointer into the document, such as `#/paths/~1orders/get`; empty for the document as a whole. */
  readonly at: string;
  /** What is wrong and what was done about it, one sentence. */
  readonly says: string;
  /** `refused`: the operation or the document cannot become a tool. `changed`: a part was left out or replaced. */
  readonly effect: "refused" | "changed";
}

/** `list` has `items`, `object` has `fields`, `map` has free keys with values like `items`, `any` is not described. */
export type FieldType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "object"
  | "list"
  | "map"
  | "any";

/**
 * One value that is sent or comes back. Parts that are the same record (`allOf`) are merged. Of several forms
 * (`oneOf`, `anyOf`) the plainest is described and the types of the others are in `others`: a text or number before a
 * list before an object. Several objects become one with the fields of all, where a field is required only if every form
 * requires it.
 */
export interface FieldDescription {
  /** As the document spells it; empty for a body or an answer as a whole and for the items of a list. */
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly nullable: boolean;
  /** Cut to what a model needs. */
  readonly description: string;
  /** The document's format, such as `date-time`, `email`, `uuid`, `decimal`; empty when it names none. */
  readonly format: string;
  /** Every allowed value; empty when any is allowed. */
  readonly enum: readonly (string | number | boolean)[];
  /** The only limits a document may set that are kept. Lengths are in characters, for lists in items. */
  readonly limits: {
    readonly minimum?: number;
    readonly maximum?: number;
    readonly lengthMax?: number;
  };
  readonly fields: readonly FieldDescription[];
  readonly items: FieldDescription | null;
  /** The values that a record is taken with, where a lead named them; any other one makes it unreadable. */
  readonly only?: readonly string[];
  /** Other types the same value may have. */
  readonly others: readonly FieldType[];
  /** True when only some forms of the object above have this field. */
  readonly inSomeForms: boolean;
  /** Why what is inside is not described: it contains itself, is too deep, or has too many fields. */
  readonly cut: "cycle" | "depth" | "width" | null;
  /** True when its name or format says that it is about a person. */
  readonly personal: boolean;
}

/** A value outside the body. Headers that the connection sends, such as `Authorization`, are left out. */
export interface ParameterDescription {
  readonly in: "path" | "query" | "header";
  readonly field: FieldDescription;
}

export interface BodyDescription {
  readonly required: boolean;
  /** What the system takes and we can send, the document's first one first. Never empty. */
  readonly encodings: readonly ("json" | "form" | "json-patch")[];
  /** All forms as one; for `json-patch` the fields of the record that is patched, where a read operation shows them. */
  readonly content: FieldDescription;
}

/** What comes back when it went well. */
export interface AnswerDescription {
  /** Path of the records in the answer, such as `data`; empty when the answer is the record or the list itself. */
  readonly records: string;
  readonly many: boolean;
  /** One record; type `any` when the document does not describe it. */
  readonly record: FieldDescription;
}

/** `money`: moves money or promises it. `account`: gives, changes or ends access of a person to an account. */
export type OperationKind = "read" | "write" | "money" | "account";

/** Where the customer is in an operation. `name` is a parameter, or the path of a field such as `customer.email`. */
export interface IdentityPlace {
  readonly in: "path" | "query" | "body" | "answer";
  readonly name: string;
  readonly is: "id" | "email";
}

/** How the system is kept from doing something twice: by a header, or by a field of the body that it compares. */
export type IdempotencyPlace = NonNullable<WriteDeclaration["commit"]["idempotency"]>;

/** An amount of money. */
export interface MoneyPlace {
  readonly in: "body" | "answer";
  /** The path of its field. */
  readonly amount: string;
  /** The path of the nearest currency, in the same object or in one above it; null for none. */
  readonly currency: string | null;
  /** `minor`: a whole number of cents. `decimal`: a number or text such as `12.50`. */
  readonly unit: "minor" | "decimal";
  /** True when the document says the unit itself. */
  readonly isUnitStated: boolean;
}

/** The read operation for the record that a write is about. */
export interface Link {
  readonly operation: string;
  /** The parameter or field of the write that names the record: the `charge` of a refund. */
  readonly from: string;
  /** Why names suggest it, a sentence for the lead; null where the path of the write says it. */
  readonly suggestedBy: string | null;
}

/** How the outcome of a write can be found out after a lost answer. */
export type FindPlace =
  /** Our key stands in this field of the records that the read operation lists. */
  | { readonly by: "key"; readonly operation: string; readonly keyField: string }
  /** The read operation shows the fields that were sent, or a status that the change leads to. */
  | { readonly by: "looking"; readonly operation: string; readonly shows: readonly string[] }
  | { readonly by: "nothing" };

interface OperationGuesses {
  readonly kind: Guess<OperationKind>;
  /** Best first; empty when nothing in the operation names a customer. */
  readonly identity: readonly IdentityPlace[];
  /** Null for reads, and where the document names none. */
  readonly idempotency: IdempotencyPlace | null;
  /** Best first. */
  readonly money: readonly MoneyPlace[];
  /** Null for reads and when there is none. */
  readonly about: Link | null;
  /** Null for reads. */
  readonly find: FindPlace | null;
}

/** One line of the list the lead chooses from. */
export interface OperationSummary {
  /** In snake_case, at most 64 characters, unique in the document; made where the document has no usable one. */
  readonly name: string;
  /** As the document spells it; null when it has none. Not unique. */
  readonly operationId: string | null;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly deprecated: boolean;
  /** Without the answer and the body, which are read only for wanted operations. */
  readonly kind: Guess<OperationKind>;
}

/** Everything about one wanted operation. */
export interface OperationDescription extends OperationSummary {
  readonly description: string;
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
  /** Null when nothing is sent back. */
  readonly answer: AnswerDescription | null;
  /** Names of security schemes: one of the lists has to be met in whole; empty when none is needed. */
  readonly security: readonly (readonly string[])[];
  /** Where it is asked in place of the system's servers; absent or empty where it is asked there. */
  readonly servers?: readonly string[];
  readonly guesses: OperationGuesses;
}

/** How a system wants to be signed in to. */
export type SignInScheme =
  | { readonly kind: "api-key"; readonly in: "header" | "query"; readonly key: string }
  | { readonly kind: "basic" }
  | { readonly kind: "bearer" }
  | {
      readonly kind: "client-credentials";
      /** A whole https address, or a path at the origin of the chosen server. */
      readonly tokenUrl: string;
    }
  /** A way that needs a person, or that no tool knows. */
  | { readonly kind: "unsupported" };

/** A system as its document describes it. */
export interface SystemDescription {
  readonly title: string;
  readonly version: string;
  /** Absolute addresses without credentials; variables are replaced by their defaults. May be empty. */
  readonly servers: readonly {
    readonly url: string;
    /** True when its name says that nothing real happens there: sandbox, test, staging. */
    readonly isTest: boolean;
  }[];
  readonly security: readonly ({ readonly name: string } & SignInScheme)[];
  /** Of an MCP server: the digests of all that it says of each tool, by the tool's name. */
  readonly pins?: Readonly<Record<string, ToolPin>>;
  /** All that could become tools, in the order of the document. */
  readonly operations: readonly OperationSummary[];
  readonly problems: readonly Problem[];
}

/** A document that has been opened. Wanted operations are described one at a time, because whole documents are knots. */
export interface OpenedSystem {
  readonly system: SystemDescription;
  /**
   * Describes the operations with these names, in this order. Never throws for anything in the document: an operation
   * that cannot become a tool is left out and named in `problems` as refused.
   */
  describe(names: readonly string[]): Promise<{
    readonly operations: readonly OperationDescription[];
    readonly problems: readonly Problem[];
  }>;
}
