/** A planned tool and its connection as the content of their files. */
import type { RequestTemplate, Value } from "#systems/contract.ts";
import { CONNECTION_FILE } from "#systems/declaration-files.ts";
import { valueText } from "#systems/value-text.ts";
import { type Content, inputFields, recordFields } from "./field-words.ts";
import type {
  PlannedConnection,
  PlannedFind,
  PlannedRecords,
  PlannedToolOfAnyKind,
  PlannedWrite,
} from "./plan.ts";
import type { DeclarationFile } from "./write-files.ts";

/** The file of the connection. */
export function connectionFile({
  document,
  customer,
  ...connection
}: PlannedConnection): DeclarationFile {
  return {
    name: CONNECTION_FILE,
    about: [`The connection to ${connection.name}, made from ${document}.`],
    content: {
      ...connection,
      customer: customer && { ...customer, request: requestContent(customer.request) },
    },
  };
}

/** The file of a tool. */
export function toolFile(tool: PlannedToolOfAnyKind, document: string): DeclarationFile {
  const { operation, method, path, risk } = tool.source;
  return {
    name: toolFileName(tool.name),
    about: [
      `${method} ${path} of ${document}, operation ${operation}.`,
      `Risk: ${RISKS[risk]}`,
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
  const { belongsTo } = tool.kind === "read" ? tool : tool.about;
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

function readContent({
  source: _source,
  ...declared
}: Extract<PlannedToolOfAnyKind, { kind: "read" }>): Content {
  return {
    ...declared,
    input: inputFields(declared.input),
    from: recordsContent(declared.from),
  };
}

function writeContent({ source: _source, kind, name, ...declared }: PlannedWrite): Content {
  const { input, about, commit, find } = declared;
  return {
    kind,
    name,
    operation: policyOperation(name),
    ...declared,
    input: inputFields(input),
    about: { ...about, from: recordsContent(about.from) },
    commit: {
      ...commit,
      request: requestContent(commit.request),
      receipt: recordFields(commit.receipt.fields),
      same: valueTexts(commit.same),
    },
    find: findContent(find),
  };
}

function recordsContent({ request, record, ...place }: PlannedRecords): Content {
  return { request: requestContent(request), ...place, record: recordFields(record.fields) };
}

function findContent(find: PlannedFind): Content {
  switch (find.by) {
    case "key": {
      const { same = {} } = find;
      const compared = Object.keys(same).length === 0 ? undefined : valueTexts(same);
      return { ...find, from: recordsContent(find.from), same: compared };
    }
    case "looking":
      return { ...find, from: recordsContent(find.from), shows: valueTexts(find.shows) };
    case "nothing":
      return find;
    default:
      throw new Error(`unknown way ${String(find satisfies never)}`);
  }
}

function requestContent({ pathValues, query, headers, body, ...line }: RequestTemplate): Content {
  return {
    ...line,
    pathValues: valueTexts(pathValues),
    query: valueTexts(query),
    headers: valueTexts(headers),
    body: body && { ...body, fields: valueTexts(body.fields) },
  };
}

function valueTexts(values: Readonly<Record<string, Value>> | undefined): Content {
  return (
    values &&
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueText(value)]))
  );
}

/** The file of a tool: `list-invoices.yaml`. */
export function toolFileName(tool: string): string {
  return `${tool.replaceAll("_", "-")}.yaml`;
}

/** The name of the operation in the policy: letters and underscores, 41 at most. */
export function policyOperation(tool: string): string {
  return tool.replaceAll(/[^a-z_]/g, "").slice(0, 41);
}
