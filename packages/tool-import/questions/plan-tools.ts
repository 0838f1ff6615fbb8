/** From an opened system, the wanted operations and the answers to plans of tools, and what keeps the others from being made. */
import type { OpenedSystem, OperationDescription, Problem } from "#importing/description.ts";
import type { Answers, OperationAnswers } from "#importing/answers/answer-file.ts";
import { invalidInput } from "#core/values/errors.ts";
import type { PlannedConnection, PlannedToolOfAnyKind } from "#importing/generate/plan.ts";
import { planRead } from "./plan-read.ts";
import type { Operations } from "./plan-find.ts";
import { requiredHeaders } from "./places.ts";
import { planSystem } from "./plan-system.ts";
import { planWrite, readFor } from "./plan-write.ts";
import { type Gap, gaps, type RefusedTool } from "./refusal.ts";
import { customerLookUps, suggestedCustomer } from "./suggestions.ts";

export interface PlannedTools {
  readonly connection: PlannedConnection;
  readonly tools: readonly PlannedToolOfAnyKind[];
  readonly refused: readonly RefusedTool[];
  /** For each tool whose inputs the operator did not choose: what the document lets one send and the tool does not. */
  readonly leftOut: readonly { readonly tool: string; readonly names: readonly string[] }[];
  /** What the document itself brought with it. */
  readonly problems: readonly Problem[];
}

/**
 * Plans a tool for every wanted operation. Those with open questions are refused one by one; the others are planned.
 * Throws `input.invalid` when an operation is not known or the answers name one that is not.
 */
export async function planTools(
  opened: OpenedSystem,
  {
    wanted,
    answers,
    folder,
    taken = [],
  }: {
    readonly wanted: readonly string[];
    readonly answers: Answers;
    readonly folder: string;
    /** Names of tools and operations that Deskhand brings; a tool that would have one is called after its system too. */
    readonly taken?: readonly string[];
  },
): Promise<PlannedTools> {
  const names = operationNames(opened, wanted);
  const answersFor = answersByName(opened, answers);
  const named = (given: string): string => operationName(opened.system.operations, given) ?? given;
  const first = await opened.describe(names);
  const also = first.operations.flatMap((operation) =>
    readFor(operation, answersFor.get(operation.name) ?? {}),
  );
  const customer = answers.system.customer?.operation;
  const lookUps = customer === undefined ? customerLookUps(opened.system.operations) : [];
  const more = [...also, ...(customer === undefined ? lookUps : [customer])];
  const further = [...new Set(more.map(named))].filter((name) => !names.includes(name));
  const second = await opened.describe(further.filter((name) => isKnown(opened, name)));
  const all = [...first.operations, ...second.operations];
  const operations: Operations = { get: (given) => all.find(({ name }) => name === named(given)) };
  const systemGaps = gaps("system");
  const connection = planSystem(
    opened.system,
    answers.system,
    { folder, operations, wanted: first.operations },
    systemGaps,
  );
  const made = first.operations.map((operation) => {
    const found = gaps(operation.name);
    const said = answersFor.get(operation.name) ?? {};
    const isRead = (said.kind ?? operation.guesses.kind.value) === "read";
    const tool = isRead
      ? planRead(operation, said, found)
      : planWrite(operation, said, operations, found);
    const name = taken.includes(tool.name)
      ? `${folder.replaceAll("-", "_")}_${tool.name}`.slice(0, 48)
      : tool.name;
    const needsCustomer = usesSystemId(tool) || found.found.some(suggestsSystemId);
    const isOpen = connection.customer === undefined && needsCustomer;
    const own = [
      ...(isOpen ? [customerGap(lookUps, operations)] : []),
      ...headerGaps(operation, said, { connection, tool }),
    ];
    return {
      operation,
      tool: { ...tool, name },
      gaps: [...systemGaps.found, ...found.found, ...own],
    };
  });
  return {
    connection,
    tools: made.flatMap(({ tool, gaps: open }) => (open.length === 0 ? [tool] : [])),
    leftOut: made.flatMap((one) => (one.gaps.length === 0 ? leftOutInputs(one, answersFor) : [])),
    refused: [
      ...made.flatMap(({ operation, gaps: open }) =>
        open.length === 0 ? [] : [{ operation: operation.name, gaps: open }],
      ),
      ...undescribed(names, first.operations, first.problems),
    ],
    problems: first.problems,
  };
}

/** Filters and plain fields of the body that the tool's request does not have; nothing where the inputs were chosen. */
function leftOutInputs(
  {
    operation: { name: operation, parameters, body },
    tool,
  }: { readonly operation: OperationDescription; readonly tool: PlannedToolOfAnyKind },
  answersFor: Answers["operations"],
): PlannedTools["leftOut"] {
  if (answersFor.get(operation)?.input !== undefined) return [];
  const { request } = tool.kind === "read" ? tool.from : tool.commit;
  const { query = {}, body: sent } = request;
  const named = [...Object.keys(query), ...Object.keys(sent?.fields ?? {})];
  const known = new Set(named.map((name) => name.split(/[.[]/)[0]));
  const names = [
    ...parameters.filter(({ in: place }) => place === "query").map(({ field }) => field.name),
    ...(body?.content.fields ?? []).map(({ name }) => name),
  ].filter((name) => !known.has(name));
  return names.length === 0 ? [] : [{ tool: tool.name, names }];
}

function customerGap(lookUps: readonly string[], operations: Operations): Gap {
  const described = lookUps.map((name) => operations.get(name));
  return {
    question: "system.customer",
    says: "say with which operation a customer's id is found by their e-mail address",
    suggestion: suggestedCustomer(described.filter((one) => one !== undefined)),
  };
}

function headerGaps(
  operation: OperationDescription,
  { values }: OperationAnswers,
  {
    connection,
    tool,
  }: { readonly connection: PlannedConnection; readonly tool: PlannedToolOfAnyKind },
): readonly Gap[] {
  const keyHeader = tool.kind === "write" ? tool.commit.idempotency?.name : undefined;
  return unsentHeaders(operation, connection)
    .filter((name) => values?.[name] === undefined && name !== keyHeader)
    .map((name) => ({
      question: "system.headers",
      says: `every request needs the header ${name}; say its value`,
      suggestion: `{ ${name}: "" }`,
    }));
}

/** Headers that the system requires and the connection does not send. */
function unsentHeaders(
  operation: OperationDescription,
  { headers = {}, authentication }: PlannedConnection,
): readonly string[] {
  const signing =
    authentication.kind === "api-key" && authentication.in === "header"
      ? [authentication.name]
      : [];
  const sent = [...Object.keys(headers), ...signing].map((name) => name.toLowerCase());
  return requiredHeaders(operation).filter((name) => !sent.includes(name.toLowerCase()));
}

/** Asked at once, so that the questions do not come in two rounds. */
function suggestsSystemId({ suggestion }: Gap): boolean {
  return suggestion?.includes("is: system_id") === true;
}

function usesSystemId(tool: PlannedToolOfAnyKind): boolean {
  return JSON.stringify(tool).includes('"is":"system_id"');
}

function undescribed(
  names: readonly string[],
  operations: readonly OperationDescription[],
  problems: readonly Problem[],
): readonly RefusedTool[] {
  return names
    .filter((name) => !operations.some((operation) => operation.name === name))
    .map((operation) => ({
      operation,
      gaps: [
        {
          question: operation,
          says:
            problems.find(({ effect }) => effect === "refused")?.says ??
            "the document does not describe it",
          suggestion: null,
        },
      ],
    }));
}

function isKnown({ system }: OpenedSystem, name: string): boolean {
  return system.operations.some((operation) => operation.name === name);
}

/** The names of operations as people write them: ours, or the document's own when only one has it. */
function operationNames({ system }: OpenedSystem, wanted: readonly string[]): readonly string[] {
  const found = wanted.map((given) => ({ given, name: operationName(system.operations, given) }));
  const unknown = found.filter(({ name }) => name === null).map(({ given }) => given);
  if (unknown.length > 0)
    throw invalidInput(
      `${unknown.join(", ")}: the document has no such operation, or more than one. \`--list\` shows them all.`,
    );
  return [...new Set(found.flatMap(({ name }) => (name === null ? [] : [name])))];
}

function operationName(
  operations: OpenedSystem["system"]["operations"],
  given: string,
): string | null {
  if (operations.some(({ name }) => name === given)) return given;
  const same = operations.filter(({ operationId }) => operationId === given);
  return same.length === 1 ? (same[0]?.name ?? null) : null;
}

/** Answers by our names of operations, whichever name the file uses. */
function answersByName({ system }: OpenedSystem, { operations }: Answers): Answers["operations"] {
  const entries = [...operations].map(([given, said]) => ({
    given,
    name: operationName(system.operations, given),
    said,
  }));
  const unknown = entries.filter(({ name }) => name === null);
  if (unknown.length > 0)
    throw invalidInput(
      unknown
        .map(
          ({ given }) => `${given}: the answers name an operation that the document does not have`,
        )
        .join("\n"),
    );
  return new Map(entries.map(({ given, name, said }) => [name ?? given, said]));
}
