/** A planned tool and its connection as the content of their files. */
import type { RequestTemplate, Value } from "#systems/contract.ts";
import { CONNECTION_FILE } from "#systems/declaration-files.ts";
import { valueText } from "#systems/value-text.ts";
import { type Content, inputFields, recordFields } from "./field-words.ts";
import { policyOperation, toolFileName } from "./names.ts";
import type {
  PlannedConnection,
  PlannedFind,
  PlannedRecords,
  PlannedToolOfAnyKind,
  PlannedWrite,
} from "./plan.ts";
import type { DeclarationFile } from "./write-files.ts";

/** A customer waits for the answer, and a worker holds their conversation meanwhile. */
const TIMEOUT_MS = 15_000;
/** Far above any single record or page of them. */
const ANSWER_BYTES_MAX = 2_000_000;

/** The file of the connection. */
export function connectionFile(connection: PlannedConnection): DeclarationFile {
  const { name, document, addressFrom, address, authentication, headers } = connection;
  const { perMinute, pins, customer } = connection;
  return {
    name: CONNECTION_FILE,
    about: [`The connection to ${name}, made from ${document}.`],
    content: {
      name,
      addressFrom,
      address,
      authentication: { ...authentication },
      headers: Object.keys(headers).length === 0 ? undefined : { ...headers },
      limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute },
      mcp: pins === null ? undefined : { tools: pinned(pins) },
      customer:
        customer === null ? undefined : { ...customer, request: requestContent(customer.request) },
    },
  };
}

function pinned(pins: NonNullable<PlannedConnection["pins"]>): Content {
  return Object.fromEntries(Object.entries(pins).map(([tool, pin]) => [tool, { ...pin }]));
}

/** The file of a tool. */
export function toolFile(tool: PlannedToolOfAnyKind, document: string): DeclarationFile {
  return {
    name: toolFileName(tool.name),
    about: [
      `${tool.method} ${tool.path} of ${document}, operation ${tool.operation}.`,
      `Risk: ${RISKS[tool.kind === "read" ? "read" : tool.risk]}`,
      `Scope: ${belongingText(tool)}`,
    ],
    content: tool.kind === "read" ? readContent(tool) : writeContent(tool),
  };
}

const RISKS = {
  read: "none, it only looks something up.",
  write: "changes something; people decide unless the policy says otherwise.",
  money: "moves money or promises it; people decide unless the policy says otherwise.",
  account: "gives, changes or ends access to an account; people decide.",
};

function belongingText(tool: PlannedToolOfAnyKind): string {
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

function readContent(tool: Extract<PlannedToolOfAnyKind, { kind: "read" }>): Content {
  const { name, description, level, inputs, from, belongsTo, personal, shownMax } = tool;
  return {
    kind: "read",
    name,
    description,
    minimumLevel: level,
    input: inputFields(inputs),
    from: recordsContent(from),
    belongsTo: { ...belongsTo },
    personal,
    shownMax,
  };
}

function writeContent(tool: PlannedWrite): Content {
  const { name, about, money } = tool;
  const isMoney = money !== null && money !== undefined;
  return {
    kind: "write",
    name,
    operation: policyOperation(name),
    description: tool.description,
    minimumLevel: tool.level,
    input: inputFields(tool.inputs),
    wishes: tool.wishes,
    about: {
      from: recordsContent(about.from),
      belongsTo: { ...about.belongsTo },
      id: about.id,
      unchanged: about.unchanged,
    },
    ownWords: tool.ownWords,
    money: isMoney ? { ...money } : undefined,
    label: tool.label,
    identity: tool.identity,
    commit: {
      request: requestContent(tool.request),
      idempotency: tool.idempotency === null ? null : { ...tool.idempotency },
      receipt: recordFields(tool.receipt.fields),
      ref: tool.ref,
      amount: isMoney ? tool.amount : undefined,
      same: valueTexts(tool.same),
    },
    find: findContent(tool.find),
  };
}

function recordsContent({ request, at, many, record }: PlannedRecords): Content {
  return { request: requestContent(request), at, many, record: recordFields(record.fields) };
}

function findContent(find: PlannedFind): Content {
  switch (find.by) {
    case "key": {
      const same = Object.keys(find.same).length === 0 ? undefined : valueTexts(find.same);
      return { ...find, from: recordsContent(find.from), same };
    }
    case "looking":
      return { ...find, from: recordsContent(find.from), shows: valueTexts(find.shows) };
    case "nothing":
      return { ...find };
    default:
      throw new Error(`unknown way ${String(find satisfies never)}`);
  }
}

function requestContent({
  method,
  path,
  pathValues,
  query,
  headers,
  body,
}: RequestTemplate): Content {
  return {
    method,
    path,
    pathValues: valueTexts(pathValues),
    query: valueTexts(query),
    headers: valueTexts(headers),
    body:
      body === undefined ? undefined : { encoding: body.encoding, fields: valueTexts(body.fields) },
  };
}

function valueTexts(values: Readonly<Record<string, Value>> | undefined): Content {
  if (values === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const text = valueText(value);
      return [name, typeof text === "object" ? { ...text } : text];
    }),
  );
}
