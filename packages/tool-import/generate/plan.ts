/** One tool before it is written: what its declaration will say, with descriptions of fields in place of schemas. */
import type { FieldDescription } from "#importing/description.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type {
  Authentication,
  Belonging,
  RequestTemplate,
  ToolPin,
  Value,
  WriteDeclaration,
} from "#systems/contract.ts";

/** Records as they are found in an answer. */
export interface PlannedRecords {
  readonly request: RequestTemplate;
  readonly at: string;
  readonly many: boolean;
  readonly record: FieldDescription;
}

/** One value the model fills in. */
export interface PlannedInput {
  readonly name: string;
  readonly field: FieldDescription;
  readonly isOptional: boolean;
  /** An amount of money, written such as 25.00 whatever the system takes. */
  readonly isMoney: boolean;
}

interface PlannedTool {
  /** The operation's name in the description, and its line in the document. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly level: IdentityLevel;
  readonly inputs: readonly PlannedInput[];
}

export interface PlannedRead extends PlannedTool {
  readonly kind: "read";
  readonly from: PlannedRecords;
  readonly belongsTo: Belonging;
  readonly personal: readonly string[];
  readonly shownMax: number;
}

/** How the outcome is found out. */
export type PlannedFind =
  | {
      readonly by: "key";
      readonly from: PlannedRecords;
      readonly keyField: string;
      readonly ref: string;
      readonly same: Readonly<Record<string, Value>>;
    }
  | {
      readonly by: "looking";
      readonly from: PlannedRecords;
      readonly shows: Readonly<Record<string, Value>>;
      readonly ref: string;
    }
  | { readonly by: "nothing"; readonly because: string };

export interface PlannedWrite extends PlannedTool {
  readonly kind: "write";
  /** What the change means for the customer; `account` and `money` are said in the file and in the policy. */
  readonly risk: "write" | "money" | "account";
  readonly wishes: readonly string[];
  readonly about: {
    readonly from: PlannedRecords;
    readonly belongsTo: Belonging;
    readonly id: string;
    readonly unchanged: readonly string[];
  };
  readonly ownWords: readonly string[];
  readonly money: WriteDeclaration["money"] | null;
  readonly label: string;
  readonly identity: readonly string[];
  readonly request: RequestTemplate;
  readonly idempotency: WriteDeclaration["commit"]["idempotency"];
  readonly receipt: FieldDescription;
  readonly ref: string;
  readonly same: Readonly<Record<string, Value>>;
  /** Where the receipt says how much was moved. */
  readonly amount: string | null;
  readonly find: PlannedFind;
}

export type PlannedToolOfAnyKind = PlannedRead | PlannedWrite;

/** The system before it is written. */
export interface PlannedConnection {
  /** For people; `folder` is the same as a name of a folder. */
  readonly name: string;
  readonly folder: string;
  /** Title and version of the document, for the head of each file. */
  readonly document: string;
  readonly addressFrom: string;
  readonly address: string | null;
  readonly authentication: Authentication;
  readonly headers: Readonly<Record<string, string>>;
  readonly perMinute: number | null;
  /** Of an MCP server: the digests of its tools. */
  readonly pins: Readonly<Record<string, ToolPin>> | null;
  readonly customer: {
    readonly request: RequestTemplate;
    readonly records: string;
    readonly id: string;
    readonly email: string;
  } | null;
}
