/** Writes the file of one tool: a declaration people read, change and keep. */
import type { Belonging } from "#systems/contract.ts";
import { objectSchema, inputSchema } from "./fields.ts";
import { comment, keyLiteral, type Literal, literalOf, Source } from "./literal.ts";
import { constantName, policyOperation } from "./names.ts";
import { requestLiteral, valuesLiteral } from "./request-literal.ts";
import type {
  PlannedFind,
  PlannedRead,
  PlannedRecords,
  PlannedToolOfAnyKind,
  PlannedWrite,
} from "./plan.ts";

const COMMENT_WIDTH = 118;

/** The text of the file, before it is formatted. */
export function toolFile(tool: PlannedToolOfAnyKind, document: string): string {
  const type = typeOf(tool);
  const body = tool.kind === "read" ? readBody(tool) : writeBody(tool);
  return [
    comment(
      [
        `${tool.name.replaceAll("_", " ")}: ${tool.method} ${tool.path} of ${document}, operation ${tool.operation}.`,
        `Risk: ${RISKS[tool.kind === "read" ? "read" : tool.risk]} Scope: ${scopeOf(tool)}`,
      ],
      COMMENT_WIDTH,
    ),
    'import { z } from "zod";',
    `import type { ${type} } from "#systems/contract.ts";`,
    'import { connection } from "./connection.ts";',
    "",
    `export const ${constantName(tool.name)}: ${type} = {`,
    ...body.map(([key, text]) => (key === text ? `${key},` : `${keyLiteral(key)}: ${text},`)),
    "};",
    "",
  ].join("\n");
}

function typeOf(tool: PlannedToolOfAnyKind): string {
  if (tool.kind === "read") return "ReadDeclaration";
  return tool.money === null || tool.money === undefined ? "ChangeDeclaration" : "MoneyDeclaration";
}

const RISKS = {
  read: "none, it only looks something up.",
  write: "changes something; people decide unless the policy says otherwise.",
  money: "moves money or promises it; people decide unless the policy says otherwise.",
  account: "gives, changes or ends access to an account; people decide.",
};

function scopeOf(tool: PlannedToolOfAnyKind): string {
  const belongsTo = tool.kind === "read" ? tool.belongsTo : tool.about.belongsTo;
  switch (belongsTo.by) {
    case "field":
      return `records whose ${belongsTo.field} is the requester's ${words(belongsTo.is)}; others look like none.`;
    case "parameter":
      return `what the system lists for the requester's ${words(belongsTo.is)}, filled in by code.`;
    case "record":
      return `what belongs to a record that ${belongsTo.tool} shows them.`;
    case "nothing":
      return `no customer's data: ${belongsTo.because}`;
    default:
      throw new Error(`unknown belonging ${String(belongsTo satisfies never)}`);
  }
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

type Lines = readonly (readonly [key: string, text: string])[];

function commonLines(tool: PlannedToolOfAnyKind): Lines {
  return [
    ["kind", literalOf(tool.kind)],
    ["connection", "connection"],
    ["name", literalOf(tool.name)],
    ...(tool.kind === "write"
      ? ([["operation", literalOf(policyOperation(tool.name))]] as const)
      : []),
    ["description", literalOf(tool.description)],
    ["minimumLevel", literalOf(tool.level)],
    ["input", inputsText(tool)],
  ];
}

function readBody(tool: PlannedRead): Lines {
  return [
    ...commonLines(tool),
    ["from", literalOf(recordsLiteral(tool.from))],
    ["belongsTo", literalOf(belongingLiteral(tool.belongsTo))],
    ["personal", literalOf(tool.personal)],
    ["shownMax", literalOf(tool.shownMax)],
  ];
}

function writeBody(tool: PlannedWrite): Lines {
  const { about, money } = tool;
  return [
    ...commonLines(tool),
    ["wishes", `[${tool.wishes.map(wishText).join(", ")}]`],
    [
      "about",
      literalOf({
        from: recordsLiteral(about.from),
        belongsTo: belongingLiteral(about.belongsTo),
        id: about.id,
        unchanged: about.unchanged,
      }),
    ],
    ["ownWords", literalOf(tool.ownWords)],
    ...(money === null || money === undefined
      ? []
      : ([["money", literalOf({ ...money })]] as const)),
    ["label", literalOf(tool.label)],
    ["identity", literalOf(tool.identity)],
    [
      "commit",
      literalOf({
        request: requestLiteral(tool.request),
        idempotency: tool.idempotency === null ? null : { ...tool.idempotency },
        receipt: new Source(objectSchema(tool.receipt.fields)),
        ref: tool.ref,
        ...(money === null || money === undefined ? {} : { amount: tool.amount }),
        same: valuesLiteral(tool.same),
      }),
    ],
    ["find", literalOf(findLiteral(tool.find))],
  ];
}

function inputsText({ inputs }: PlannedToolOfAnyKind): string {
  const lines = inputs.map(
    ({ name, field, isOptional }) => `${keyLiteral(name)}: ${inputSchema(field, isOptional)},`,
  );
  return lines.length === 0 ? "z.strictObject({})" : `z.strictObject({\n${lines.join("\n")}\n})`;
}

/** A phrase as it is found in folded text: small letters without accents, whole words. Letters, digits and spaces only. */
function wishText(phrase: string): string {
  const folded = phrase
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}' -]/gu, "");
  return String.raw`/(?<!\p{L})${folded}(?!\p{L})/u`;
}

function recordsLiteral({ request, at, many, record }: PlannedRecords): Literal {
  return {
    request: requestLiteral(request),
    at,
    many,
    record: new Source(objectSchema(record.fields)),
  };
}

function belongingLiteral(belonging: Belonging): Literal {
  return { ...belonging };
}

function findLiteral(find: PlannedFind): Literal {
  switch (find.by) {
    case "key":
      return {
        by: find.by,
        from: recordsLiteral(find.from),
        keyField: find.keyField,
        ref: find.ref,
        ...(Object.keys(find.same).length === 0 ? {} : { same: valuesLiteral(find.same) }),
      };
    case "looking":
      return {
        by: find.by,
        from: recordsLiteral(find.from),
        shows: valuesLiteral(find.shows),
        ref: find.ref,
      };
    case "nothing":
      return { ...find };
    default:
      throw new Error(`unknown way ${String(find satisfies never)}`);
  }
}
