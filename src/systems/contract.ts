/**
 * Room: your own systems behind the bot's tools: what a tool made from an OpenAPI document, a database table or an MCP
 * server declares, and how it is carried out.
 * In: declarations of tools (YAML files in a folder for each system), the turn's tool context, actions with their keys.
 * Out: read tools, write tools and one target in the contracts of core.
 * May touch: the systems the declarations name; nothing else.
 * This file: the contract. A declaration is data, so that it can be checked before anything is called.
 */
import type { z } from "zod";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { SqlReadDeclaration } from "./sql/declaration.ts";

export type { Database, SqlReadDeclaration } from "./sql/declaration.ts";

/** What is known of the requester without asking the model. `system_id` is their id in this system, found by e-mail. */
export type RequesterValue = "customer_id" | "email" | "system_id";

/** Where a value of a request comes from. The model chooses `input` only. */
export type Value =
  /** A property of the tool's input. */
  | { readonly from: "input"; readonly name: string }
  /** Filled in by code from the verified requester. */
  | { readonly from: "requester"; readonly is: RequesterValue }
  /** A field of the record the change is about, by its path, such as `payment.id`. Write tools only. */
  | { readonly from: "record"; readonly field: string }
  /** The key of the effect, in a form the system takes. Write tools only. */
  | { readonly from: "key" }
  | { readonly from: "fixed"; readonly value: string | number | boolean };

/** One HTTP request with its values still open. Nothing else is ever sent. */
export interface RequestTemplate {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the connection's address; `{name}` is taken from `pathValues` and sent as exactly one segment. */
  readonly path: string;
  readonly pathValues?: Readonly<Record<string, Value>>;
  readonly query?: Readonly<Record<string, Value>>;
  readonly headers?: Readonly<Record<string, Value>>;
  readonly body?: {
    /** `form` sends nested fields as `address[line1]`; `json-patch` makes one `replace` of each field. */
    readonly encoding: "json" | "form" | "json-patch";
    /** By the path of the field in the body, such as `amount.value`. */
    readonly fields: Readonly<Record<string, Value>>;
  };
}

/** How a record is proven to be the requester's. A read of account data without one of these is refused. */
export type Belonging =
  /** A field of the record equals what is known of the requester; records that do not match look like none. */
  | { readonly by: "field"; readonly field: string; readonly is: RequesterValue }
  /**
   * The request asks only for theirs: the path, query or body value of this name is filled in by code. `field` names the
   * field of the record that repeats it and is compared as well; a filter in query or body needs it, because a system
   * may ignore a filter.
   */
  | {
      readonly by: "parameter";
      readonly name: string;
      readonly is: RequesterValue;
      readonly field?: string;
    }
  /**
   * The record hangs on another one, which is read first and proven by its own rule: payments of an order. `tool` is a
   * read tool with exactly one input, which gets this tool's `input`; `parentField` is the field of its record that has
   * to be that value, since a system may answer with another record of theirs. `field` names the field of this record
   * that repeats it; a filter in query or body needs it.
   */
  | {
      readonly by: "record";
      readonly input: string;
      readonly tool: string;
      readonly parentField: string;
      readonly field?: string;
    }
  /** Not about a customer: opening hours, a carrier's public tracking page. Says why, for `tools check`. */
  | { readonly by: "nothing"; readonly because: string };

/** How requests to a system are signed. Values are names of settings or files, never secrets. */
export type Authentication =
  | { readonly kind: "none" }
  | {
      readonly kind: "api-key";
      readonly in: "header" | "query";
      readonly name: string;
      readonly secret: string;
    }
  | { readonly kind: "basic"; readonly user: string; readonly secret: string }
  | { readonly kind: "bearer"; readonly secret: string }
  | {
      readonly kind: "client-credentials";
      /** The address itself, or the name of the setting with it. */
      readonly tokenUrl: string;
      readonly client: string;
      readonly secret: string;
      readonly scopes: readonly string[];
      /** Where client and secret travel; in the header unless the token endpoint takes them in the body only. */
      readonly credentialsIn?: "header" | "body";
    };

/** Digests of what an MCP server said of a tool, part by part, so that it can be told what changed. */
export interface ToolPin {
  /** Title and description. */
  readonly words: string;
  readonly input: string;
  readonly output: string;
  /** What the tool says of itself, such as that it only reads. */
  readonly hints: string;
}

/** One system: where it is, how it is asked, and what it is spared. */
export interface Connection {
  /** Names it on cards, in traces and in errors. */
  readonly name: string;
  /** The name of the setting with its address, so that a test and production differ in one line. */
  readonly addressFrom: string;
  /** Used when the setting is empty; null when it has to be set. */
  readonly address: string | null;
  readonly authentication: Authentication;
  /**
   * Names of settings with paths of a client certificate and its key, and of the certificate of the authority that
   * signed the system's own where it is no public one; left out without mutual TLS.
   */
  readonly clientCertificate?: {
    readonly certificate: string;
    readonly key: string;
    readonly authority?: string;
  };
  /** Sent with every request, such as an API version. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits: {
    readonly timeoutMs: number;
    readonly answerBytesMax: number;
    /** Requests a minute; null for no limit of ours. */
    readonly perMinute: number | null;
  };
  /**
   * Statuses from 500 by which the system itself says that it did nothing, such as 503 where no proxy stands before it.
   * After any other one a change may have been made.
   */
  readonly nothingDoneOn?: readonly number[];
  /**
   * Path of the field by which an answer with a status of success says that it failed, such as `errors` of GraphQL; left
   * out where the status says it. With anything in it the answer counts as one with status 503.
   */
  readonly failsWith?: string;
  /**
   * Of an MCP server: what each of its tools looked like to the person who imported it, by the tool's name. A path then
   * is a tool, its body the arguments; a tool that changed since is out of use.
   */
  readonly mcp?: { readonly tools: Readonly<Record<string, ToolPin>> };
  /** How a verified e-mail address becomes the customer's id in this system; left out when no tool needs it. */
  readonly customer?: {
    readonly request: RequestTemplate;
    /** Path of the records in the answer; empty for the answer itself. */
    readonly records: string;
    readonly id: string;
    /** Compared with the verified address without regard to case; exactly one record must match. */
    readonly email: string;
  };
}

/** How records are found in an answer. */
export interface Records {
  readonly request: RequestTemplate;
  /** Path of the records in the answer; empty when the answer is the record or the list itself. */
  readonly at: string;
  readonly many: boolean;
  /** Narrowed to the fields that are needed; unknown fields are dropped before anything else sees them. */
  readonly record: z.ZodObject;
}

/** A look-up in a system. */
export interface ReadDeclaration {
  readonly kind: "read";
  readonly connection: Connection;
  readonly name: string;
  readonly description: string;
  readonly minimumLevel: IdentityLevel;
  /** A strict object. */
  readonly input: z.ZodObject;
  readonly from: Records;
  readonly belongsTo: Belonging;
  /** Fields with personal data, by path: they are masked in traces and never leave the conversation. */
  readonly personal: readonly string[];
  /** Fields with whole minor units, such as 12000 of usd, which are shown as money: "120.00 USD". */
  readonly minorUnits?: MinorUnits;
  /** At most so many records are shown. */
  readonly shownMax: number;
}

/** Amounts that a system writes in the smallest unit of their currency. */
export interface MinorUnits {
  readonly fields: readonly string[];
  /** The field of the record that names the currency. */
  readonly currency: string;
  /** Digits after the point where the system counts otherwise than ISO 4217, by currency in capital letters. */
  readonly digits?: Readonly<Record<string, number>>;
}

/** How the outcome of a change is found out after a lost answer. */
export type FindRule =
  /** The system can be asked by our key, or keeps it in a field of what it made. */
  | {
      readonly by: "key";
      readonly from: Records;
      readonly keyField: string;
      readonly ref: string;
      /** What the record under the key has to say besides, such as the amount; with anything else a person looks. */
      readonly same?: Readonly<Record<string, Value>>;
    }
  /** The record shows whether it is done: every named field has the value that was asked for. */
  | {
      readonly by: "looking";
      readonly from: Records;
      readonly shows: Readonly<Record<string, Value>>;
      readonly ref: string;
    }
  /** There is no way to know. Policy must ask a person, and an uncertain answer is told as such. */
  | { readonly by: "nothing"; readonly because: string };

/** What every change declares. */
interface AnyChange {
  readonly kind: "write";
  readonly connection: Connection;
  readonly name: string;
  /** The operation the policy has a rule for; the tool's name unless it collides. */
  readonly operation: string;
  readonly description: string;
  readonly minimumLevel: IdentityLevel;
  readonly input: z.ZodObject;
  /**
   * What customers call it in a plain request, each phrase matched whole; without a match a person decides. `refund`
   * stands for every plain way of asking for money back.
   */
  readonly wishes: readonly string[];
  /** What replies call it when it is done; left out where name and description say it: `pause_subscription`. */
  readonly called?: { readonly verbs: readonly string[]; readonly things: readonly string[] };
  /** The record the change is about, read and proven before anything is proposed. */
  readonly about: {
    readonly from: Records;
    readonly belongsTo: Belonging;
    readonly id: string;
    /** Fields that must still have the value they had when people decided; otherwise the change is refused. */
    readonly unchanged: readonly string[];
  };
  /** Inputs that must stand in the customer's own words, or a person decides. */
  readonly ownWords: readonly string[];
  /** The line on the card: `{field}` of the record and `{input.name}` are filled in. */
  readonly label: string;
  /** What makes two requests the same effect, by fields of the record and inputs: `["id", "input.amount"]`. */
  readonly identity: readonly string[];
  readonly find: FindRule;
}

/** The request that makes the change, and what its answer has to prove. */
interface Commit {
  readonly request: RequestTemplate;
  /** Where the key travels so that the system does nothing twice; null when it has no such thing. */
  readonly idempotency: { readonly in: "header" | "field"; readonly name: string } | null;
  /**
   * The receipt, narrowed; `ref` is the system's id of what was made, `same` proves it is what was asked. A state is an
   * enum of the values that mean done.
   */
  readonly receipt: z.ZodObject;
  readonly ref: string;
  readonly same: Readonly<Record<string, Value>>;
  /**
   * Path of the field by which an answer with a status of success refuses the change, such as a list of reasons in an
   * answer of GraphQL; left out where the status says it. With anything in it, and nothing at `ref`, nothing was done.
   */
  readonly refusedWith?: string;
}

/** Money that moves: a field of the input (null: all that is left) in the currency and units of the record. */
interface MovedMoney {
  readonly amount: string;
  readonly paid: string;
  readonly refunded: string | null;
  readonly currency: string;
  readonly unit: "minor" | "decimal";
  /** Field with the day it reached the customer, for rules about days; without it the policy always asks a person. */
  readonly deliveredOn?: string;
  /** Field with the state of the order, for rules about orders that have not left. */
  readonly status?: string;
}

/** A change that moves no amount of money. */
export interface ChangeDeclaration extends AnyChange {
  readonly money?: undefined;
  /** An empty `ref` means that the answer names nothing: its status is then the system's word. */
  readonly commit: Commit;
}

/** A change that moves money. A customer is told of it only once its id and its amount are proven. */
export interface MoneyDeclaration extends AnyChange {
  readonly money: MovedMoney;
  readonly commit: Commit & {
    /**
     * Path of the amount in the receipt, which has to be the one that was asked for; null where the answer does not say
     * it. Then `find` compares it, and is asked before the change counts as done.
     */
    readonly amount: string | null;
  };
}

/** A change in a system. It only proposes; the ledger commits it under its key. */
export type WriteDeclaration = ChangeDeclaration | MoneyDeclaration;

/**
 * A tool as it is used. Its file has the same parts: without `connection` or `database`, which stand in a file of their
 * own beside it, with values as text (`input order_id`) and with fields as words in place of schemas.
 */
export type SystemTool = ReadDeclaration | WriteDeclaration | SqlReadDeclaration;
