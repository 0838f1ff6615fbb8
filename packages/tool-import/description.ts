/**
 * Room: importing: making tools from what a system says of itself: an OpenAPI document, a database, an MCP server.
 * In: documents and answers of systems, all of it untrusted; answers of the lead to the questions.
 * Out: descriptions, guesses with their reasons; files of tools.
 * May touch: the file or the address that is named, and the folder for the tools.
 * This file: the neutral description. It is data, so that it can be stored, compared and shown.
 *
 * Every text in it that comes from outside has been cut and checked; a text that was refused is empty and a problem says so.
 */

import type { ToolPin } from "#systems/contract.ts";

/** A conclusion of ours that may be wrong. `because` is a sentence for the lead, with the words of the document it rests on. */
export interface Guess<Value> {
  readonly value: Value;
  readonly because: string;
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
 * requires it and `onlyIn` names the forms that have it.
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
  /** Names of the forms of the object above that have this field; empty when all have it. */
  readonly onlyIn: readonly string[];
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
  readonly in: "path" | "query" | "header" | "body" | "answer" | "token";
  /** Empty for `token`. */
  readonly name: string;
  readonly is: "id" | "email" | "phone" | "name";
}

/** How the system is kept from doing something twice. */
export type IdempotencyPlace =
  | { readonly by: "header"; readonly name: string }
  /** A field of the body that the system itself compares. */
  | { readonly by: "field"; readonly name: string }
  | { readonly by: "none" };

/** An amount of money. Paths of fields; `currency` is null when the document has none beside it. */
export interface MoneyPlace {
  readonly in: "body" | "answer";
  readonly amount: string;
  readonly currency: string | null;
  /** `minor`: a whole number of cents. `decimal`: a number or text such as `12.50`. */
  readonly unit: "minor" | "decimal";
  /** True when the amount is sent as text. */
  readonly text: boolean;
}

/** A read operation and where its parameters come from: the `charge` of a refund is the path parameter of a charge. */
export interface Link {
  /** The name of the read operation. */
  readonly operation: string;
  /** Every path parameter is here, the one of the record itself last, and query parameters that narrow a list. */
  readonly values: readonly {
    readonly parameter: { readonly in: "path" | "query"; readonly name: string };
    /** Where the value is in the write operation: a parameter, a field of the body, or a field of its answer. */
    readonly from: { readonly in: "path" | "query" | "body" | "answer"; readonly name: string };
  }[];
}

/** How the outcome of a write can be found out after a lost answer. */
export type FindPlace =
  /** Our key is sent in `sentAs` of the body and stands in `keyField` of the records that `link.operation` lists. */
  | {
      readonly by: "key";
      readonly link: Link;
      readonly sentAs: string;
      readonly keyField: string;
    }
  /** The read operation shows the fields that were sent, or a status that the change leads to. */
  | { readonly by: "looking"; readonly link: Link; readonly shows: readonly string[] }
  | { readonly by: "nothing" };

interface OperationGuesses {
  readonly kind: Guess<OperationKind>;
  /** Best first; empty when nothing in the operation names a customer. */
  readonly identity: readonly Guess<IdentityPlace>[];
  /** Null for reads. */
  readonly idempotency: Guess<IdempotencyPlace> | null;
  /** Best first. */
  readonly money: readonly Guess<MoneyPlace>[];
  /** The read operation for the record that a write is about; null for reads and when there is none. */
  readonly about: Guess<Link> | null;
  /** Null for reads. */
  readonly find: Guess<FindPlace> | null;
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
  readonly guesses: OperationGuesses;
  readonly problems: readonly Problem[];
}

/** How the system wants to be signed in to. `unsupported` says in `because` why no tool can do it. */
export type SecurityDescription = { readonly name: string; readonly description: string } & (
  | { readonly kind: "api-key"; readonly in: "header" | "query"; readonly key: string }
  | { readonly kind: "basic" }
  | { readonly kind: "bearer" }
  | {
      readonly kind: "client-credentials";
      /** A whole https address, or a path at the origin of the chosen server. */
      readonly tokenUrl: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: "unsupported"; readonly because: string }
);

/** A system as its document describes it. */
export interface SystemDescription {
  readonly title: string;
  readonly version: string;
  /** Such as `OpenAPI 3.0.3`. */
  readonly format: string;
  /** Absolute addresses without credentials; variables are replaced by their defaults. May be empty. */
  readonly servers: readonly {
    readonly url: string;
    readonly description: string;
    /** True when its name says that nothing real happens there: sandbox, test, staging. */
    readonly isTest: boolean;
  }[];
  readonly security: readonly SecurityDescription[];
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
