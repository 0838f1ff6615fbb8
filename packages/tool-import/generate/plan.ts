/** One tool before it is written: its declaration, with descriptions of fields in place of schemas. */
import type { FieldDescription } from "#importing/description.ts";
import type {
  Connection,
  FindRule,
  ReadDeclaration,
  Records,
  WriteDeclaration,
} from "#systems/contract.ts";

/** Records as they are found in an answer. */
export type PlannedRecords = Omit<Records, "record"> & { readonly record: FieldDescription };

/** One value the model fills in. */
export interface PlannedInput {
  readonly name: string;
  readonly field: FieldDescription;
  readonly isOptional: boolean;
  /** An amount of money, written such as 25.00 whatever the system takes. */
  readonly isMoney: boolean;
}

/** What the change means for the customer; `account` and `money` are said in the file and in the policy. */
export type Risk = "read" | "write" | "money" | "account";

interface PlannedTool extends Pick<ReadDeclaration, "name" | "description" | "minimumLevel"> {
  /** Where it comes from: the operation's name in the description, and its line in the document. */
  readonly source: {
    readonly operation: string;
    readonly method: string;
    readonly path: string;
    readonly risk: Risk;
  };
  readonly input: readonly PlannedInput[];
}

export interface PlannedRead
  extends PlannedTool, Pick<ReadDeclaration, "kind" | "belongsTo" | "personal" | "shownMax"> {
  readonly from: PlannedRecords;
}

type Planned<Rule> = Omit<Rule, "from"> & { readonly from: PlannedRecords };

/** How the outcome is found out. */
export type PlannedFind =
  | Planned<Extract<FindRule, { by: "key" }>>
  | Planned<Extract<FindRule, { by: "looking" }>>
  | Extract<FindRule, { by: "nothing" }>;

export interface PlannedWrite
  extends PlannedTool, Pick<WriteDeclaration, "kind" | "money" | "label"> {
  readonly wishes: readonly string[];
  readonly about: Pick<WriteDeclaration["about"], "belongsTo" | "id"> & {
    readonly from: PlannedRecords;
    readonly unchanged: readonly string[];
  };
  readonly ownWords: readonly string[];
  readonly identity: readonly string[];
  readonly commit: Omit<WriteDeclaration["commit"], "receipt" | "amount"> & {
    readonly receipt: FieldDescription;
    /** Where the receipt says how much was moved; undefined where no money moves. */
    readonly amount: string | null | undefined;
  };
  readonly find: PlannedFind;
}

export type PlannedToolOfAnyKind = PlannedRead | PlannedWrite;

/** The system before it is written, with title and version of its document for the head of each file. */
export type PlannedConnection = Connection & { readonly document: string };
