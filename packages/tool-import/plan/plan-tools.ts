/** From an opened system, the wanted operations and the answers to plans of tools, and what keeps the others from being made. */
import { invalidInput } from "#core/values/errors.ts";
import { capitalised } from "#core/values/words.ts";
import {
  type Answers,
  type Gap,
  gapsAbout,
  type RefusedTool,
  type AddGap,
} from "#importing/answers/read-answers.ts";
import type {
  OpenedSystem,
  OperationDescription,
  SignInScheme,
  SystemDescription,
} from "#importing/description.ts";
import { requiredHeaders, requestTemplate, requiredNames, unplaced } from "./fields.ts";
import { type Planning, planRead } from "./plan-read.ts";
import { planWrite, readFor } from "./plan-write.ts";
import type { Operations } from "./proof.ts";
import { customerLookUps, suggestedCustomer } from "./suggestions.ts";
import type { PlannedConnection, PlannedTool } from "./tool-file.ts";
import type { SystemAnswers } from "#importing/answers/questions.ts";
import type { Authentication } from "#systems/contract.ts";

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
) {
  const names = wantedNames(opened, wanted);
  const answersFor = answersByName(opened, answers);
  const { first, lookUps, operations } = await described(opened, names, answersFor, answers.system);
  const systemGaps = gapsAbout("system");
  const connection = planSystem({
    system: opened.system,
    answers: answers.system,
    folder,
    operations,
    wanted: first.operations,
    gap: systemGaps.add,
  });
  const made = first.operations.map((operation) => {
    const { gaps, add } = gapsAbout(operation.name);
    const planning: Planning = {
      operation,
      answers: answersFor.get(operation.name) ?? {},
      gap: add,
      called: (name) =>
        taken.includes(name) ? `${folder.replaceAll("-", "_")}_${name}`.slice(0, 48) : name,
    };
    const isRead = (planning.answers.kind ?? operation.guesses.kind.value) === "read";
    const tool = isRead ? planRead(planning) : planWrite(planning, operations);
    const own = gapsAbout("system");
    if (connection.customer === undefined && needsSystemId(tool, gaps))
      customerGap(lookUps, operations, own.add);
    headerGaps(planning, tool, connection, own.add);
    addressGaps(planning, connection, own.add);
    return { planning, tool, gaps: [...systemGaps.gaps, ...gaps, ...own.gaps] };
  });
  const usable = made.filter(({ gaps }) => gaps.length === 0);
  return {
    connection,
    tools: usable.map(({ tool }) => tool),
    /** A line for each tool whose inputs the operator did not choose: what the document lets one send and the tool does not. */
    leftOut: usable.flatMap(({ planning, tool }) => leftOutInputs(planning, tool)),
    refused: [
      ...made
        .filter(({ gaps }) => gaps.length > 0)
        .map(({ planning, gaps }) => ({ operation: planning.operation.name, gaps })),
      ...undescribed(names, first),
    ],
    /** What the document itself brought with it. */
    problems: first.problems,
  };
}

/** The wanted operations, those that a change or the customer is looked up with, and look-ups that could find a customer. */
async function described(
  opened: OpenedSystem,
  names: readonly string[],
  answersFor: Answers["operations"],
  { customer }: SystemAnswers,
) {
  const first = await opened.describe(names);
  const lookUps = customer === undefined ? customerLookUps(opened.system.operations) : [];
  const further = [
    ...first.operations.flatMap((one) => readFor(one, answersFor.get(one.name) ?? {})),
    ...(customer === undefined ? lookUps : [customer.operation]),
  ].flatMap((given) => operationName(opened, given) ?? []);
  const second = await opened.describe(
    [...new Set(further)].filter((name) => !names.includes(name)),
  );
  const all = [...first.operations, ...second.operations];
  const operations: Operations = {
    get: (given) => all.find(({ name }) => name === (operationName(opened, given) ?? given)),
  };
  return { first, lookUps, operations };
}

const LEFT_OUT_MAX = 12;

/** Filters and plain fields of the body that the tool's request does not have; nothing where the inputs were chosen. */
function leftOutInputs(
  { operation: { parameters, body }, answers }: Planning,
  tool: PlannedTool,
): readonly string[] {
  if (answers.input !== undefined) return [];
  const { request } = tool.kind === "read" ? tool.from : tool.commit;
  const sent = [...Object.keys(request.query ?? {}), ...Object.keys(request.body?.fields ?? {})];
  const known = new Set(sent.map((name) => name.split(/[.[]/)[0]));
  const names = [
    ...parameters.filter(({ in: place }) => place === "query").map(({ field }) => field.name),
    ...(body?.content.fields ?? []).map(({ name }) => name),
  ].filter((name) => !known.has(name));
  if (names.length === 0) return [];
  const more = names.length > LEFT_OUT_MAX ? `, and ${names.length - LEFT_OUT_MAX} more` : "";
  return [
    `${tool.name} leaves out ${names.slice(0, LEFT_OUT_MAX).join(", ")}${more}: what a model is to choose is listed under input.`,
  ];
}

/** Also where an answer that is only suggested would need it, so that the questions do not come in two rounds. */
function needsSystemId(tool: PlannedTool, gaps: readonly Gap[]): boolean {
  return (
    JSON.stringify(tool).includes('"is":"system_id"') ||
    gaps.some(({ suggestion }) => suggestion?.includes("is: system_id") === true)
  );
}

function customerGap(lookUps: readonly string[], operations: Operations, gap: AddGap): void {
  const described = lookUps.map((name) => operations.get(name));
  gap(
    "customer",
    "say with which operation a customer's id is found by their e-mail address",
    suggestedCustomer(described.filter((one) => one !== undefined)),
  );
}

/** An operation that the document has elsewhere than the system is: one connection has one address. */
function addressGaps(
  { operation: { servers = [] } }: Planning,
  { address }: PlannedConnection,
  gap: AddGap,
): void {
  const isThere = servers.some((server) => server === address || `${server}/` === address);
  if (address === null || servers.length === 0 || isThere) return;
  gap(
    "address",
    `it is at ${servers.join(" or ")} and not at ${address}: import it under a name of its own with that address`,
  );
}

/** Headers that the system requires, and that neither the connection nor the tool sends. */
function headerGaps(
  { operation, answers: { values } }: Planning,
  tool: PlannedTool,
  { headers = {}, authentication }: PlannedConnection,
  gap: AddGap,
): void {
  const isKey = authentication.kind === "api-key" && authentication.in === "header";
  const sent = [...Object.keys(headers), ...(isKey ? [authentication.name] : [])];
  const always = sent.map((name) => name.toLowerCase());
  const keyHeader = tool.kind === "write" ? tool.commit.idempotency?.name : undefined;
  for (const name of requiredHeaders(operation))
    if (!always.includes(name.toLowerCase()) && values?.[name] === undefined && name !== keyHeader)
      gap("headers", `every request needs the header ${name}; say its value`, `{ ${name}: "" }`);
}

function undescribed(
  names: readonly string[],
  { operations, problems }: Awaited<ReturnType<OpenedSystem["describe"]>>,
): readonly RefusedTool[] {
  const reason = problems.find(({ effect }) => effect === "refused")?.says;
  const says = reason ?? "the document does not describe it";
  return names
    .filter((name) => !operations.some((operation) => operation.name === name))
    .map((operation) => ({ operation, gaps: [{ question: operation, says, suggestion: null }] }));
}

/** The names of operations as people write them: ours, or the document's own when only one has it. */
function wantedNames(opened: OpenedSystem, wanted: readonly string[]): readonly string[] {
  const unknown = wanted.filter((given) => operationName(opened, given) === null);
  if (unknown.length > 0)
    throw invalidInput(
      `${unknown.join(", ")}: the document has no such operation, or more than one. \`--list\` shows them all.`,
    );
  return [...new Set(wanted.flatMap((given) => operationName(opened, given) ?? []))];
}

function operationName({ system: { operations } }: OpenedSystem, given: string): string | null {
  if (operations.some(({ name }) => name === given)) return given;
  const same = operations.filter(({ operationId }) => operationId === given);
  return same.length === 1 ? (same[0]?.name ?? null) : null;
}

/** Answers by our names of operations, whichever name the file uses. */
function answersByName(opened: OpenedSystem, { operations }: Answers): Answers["operations"] {
  const unknown = [...operations.keys()].filter((given) => operationName(opened, given) === null);
  if (unknown.length > 0)
    throw invalidInput(
      unknown
        .map((given) => `${given}: the answers name an operation that the document does not have`)
        .join("\n"),
    );
  return new Map(
    [...operations].map(([given, said]) => [operationName(opened, given) ?? given, said]),
  );
}

/** A customer waits for the answer, and a worker holds their conversation meanwhile. */
const TIMEOUT_MS = 15_000;

/** Far above any single record or page of them. */
const ANSWER_BYTES_MAX = 2_000_000;

interface PlanningSystem {
  readonly system: SystemDescription;
  readonly answers: SystemAnswers;
  readonly folder: string;
  readonly operations: Operations;
  readonly wanted: readonly OperationDescription[];
  readonly gap: AddGap;
}

/** Plans the connection; a gap here keeps every tool that needs it from being made. */
function planSystem(planning: PlanningSystem): PlannedConnection {
  const { system, answers, folder } = planning;
  const prefix = folder.replaceAll("-", "_").toUpperCase();
  const server = system.servers.find(({ isTest }) => !isTest);
  const { headers = {}, per_minute: perMinute = null } = answers;
  const customer = plannedCustomer(planning);
  return {
    name: answers.name ?? capitalised(folder.replaceAll("-", " ")),
    document: `${system.title} ${system.version}`.trim(),
    addressFrom: answers.address_from ?? `${prefix}_ADDRESS`,
    address: answers.address ?? server?.url ?? null,
    authentication: plannedSignIn(planning, prefix),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute },
    ...(system.pins === undefined ? {} : { mcp: { tools: system.pins } }),
    ...(customer === undefined ? {} : { customer }),
  };
}

function plannedSignIn(
  { system, answers, wanted, gap }: PlanningSystem,
  prefix: string,
): Authentication {
  if (answers.sign_in !== undefined) return answeredSignIn(answers);
  const guarded = wanted.filter(({ security }) => security.length > 0);
  if (guarded.length === 0) return { kind: "none" };
  const usable = system.security.filter(
    ({ name, kind }) => kind !== "unsupported" && guarded.some((one) => takesAlone(one, name)),
  );
  const found = usable.find(({ name }) => guarded.every((one) => takesAlone(one, name)));
  if (found !== undefined) return schemeSignIn(found, prefix);
  const takers = (scheme: string): string =>
    guarded
      .filter((one) => takesAlone(one, scheme))
      .map(({ name }) => name)
      .join(", ");
  gap(
    "sign_in",
    usable.length > 1
      ? `one connection signs in one way, and these want several: ${usable.map(({ name }) => `${name} for ${takers(name)}`).join("; ")}. Import each group with --only and a --name of its own`
      : "say how Deskhand signs in: the document names no single way that can be used for all of them",
    usable.length > 1 ? null : `{ bearer: ${prefix}_KEY }`,
  );
  return { kind: "none" };
}

function takesAlone({ security }: OperationDescription, scheme: string): boolean {
  return security.some((names) => names.length === 1 && names[0] === scheme);
}

/** How Deskhand signs in, as the answers say it; not at all without a word of it. */
export function answeredSignIn({ sign_in: said = "none" }: SystemAnswers): Authentication {
  if (said === "none") return { kind: "none" };
  if ("bearer" in said) return { kind: "bearer", secret: said.bearer };
  if ("user" in said) return { kind: "basic", user: said.user, secret: said.password };
  if ("header" in said)
    return { kind: "api-key", in: "header", name: said.header, secret: said.secret };
  if ("query" in said)
    return { kind: "api-key", in: "query", name: said.query, secret: said.secret };
  const { token_url: tokenUrl, client, secret, scopes } = said;
  return { kind: "client-credentials", tokenUrl, client, secret, scopes };
}

function schemeSignIn(scheme: SignInScheme, prefix: string): Authentication {
  const secret = `${prefix}_KEY`;
  switch (scheme.kind) {
    case "api-key":
      return { kind: "api-key", in: scheme.in, name: scheme.key, secret };
    case "basic":
      return { kind: "basic", user: `${prefix}_USER`, secret };
    case "bearer":
      return { kind: "bearer", secret };
    case "client-credentials":
      return {
        kind: "client-credentials",
        tokenUrl: scheme.tokenUrl,
        client: `${prefix}_CLIENT`,
        secret,
        scopes: [],
      };
    case "unsupported":
      return { kind: "none" };
  }
}

function plannedCustomer({
  answers: { customer },
  operations,
  gap,
}: PlanningSystem): PlannedConnection["customer"] {
  if (customer === undefined) return undefined;
  const operation = operations.get(customer.operation);
  if (operation === undefined) {
    gap("customer", `there is no operation ${customer.operation} to find customers with`);
    return undefined;
  }
  for (const name of unplaced(operation, customer.values))
    gap("customer", `${operation.name} has no parameter and no body field ${name}`);
  for (const name of requiredNames(operation))
    if (!(name in customer.values))
      gap("customer", `${operation.name} requires ${name}: give it a value`);
  return {
    request: requestTemplate(operation, customer.values, undefined),
    records: customer.records ?? operation.answer?.records ?? "",
    id: customer.id,
    email: customer.email,
  };
}
