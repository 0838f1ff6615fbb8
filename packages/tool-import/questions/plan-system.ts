/** From a described system and its answers to the plan of its connection. */
import type {
  OperationDescription,
  SecurityDescription,
  SystemDescription,
} from "#importing/description.ts";
import type { SystemAnswers } from "#importing/answers/answer-file.ts";
import type { Authentication } from "#systems/contract.ts";
import type { PlannedConnection } from "#importing/generate/plan.ts";
import { requiredNames, requestTemplate, unplaced } from "./places.ts";
import type { Operations } from "./plan-find.ts";
import type { Gaps } from "./refusal.ts";

/** A customer waits for the answer, and a worker holds their conversation meanwhile. */
const TIMEOUT_MS = 15_000;
/** Far above any single record or page of them. */
const ANSWER_BYTES_MAX = 2_000_000;

/** Plans the connection; a gap here keeps every tool that needs it from being made. */
export function planSystem(
  system: SystemDescription,
  answers: SystemAnswers,
  {
    folder,
    operations,
    wanted,
  }: {
    readonly folder: string;
    readonly operations: Operations;
    readonly wanted: readonly OperationDescription[];
  },
  gaps: Gaps,
): PlannedConnection {
  const prefix = folder.replaceAll("-", "_").toUpperCase();
  const server = system.servers.find(({ isTest }) => !isTest);
  const { headers = {}, per_minute: perMinute = null } = answers;
  const customer = plannedCustomer(answers, operations, gaps);
  return {
    name: answers.name ?? named(folder),
    document: `${system.title} ${system.version}`.trim(),
    addressFrom: answers.address_from ?? `${prefix}_ADDRESS`,
    address: answers.address ?? server?.url ?? null,
    authentication: plannedSignIn(system, answers, wanted, prefix, gaps),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute },
    ...(system.pins === undefined ? {} : { mcp: { tools: system.pins } }),
    ...(customer === undefined ? {} : { customer }),
  };
}

function named(folder: string): string {
  return `${folder.charAt(0).toUpperCase()}${folder.slice(1).replaceAll("-", " ")}`;
}

function plannedSignIn(
  system: SystemDescription,
  { sign_in: said }: SystemAnswers,
  wanted: readonly OperationDescription[],
  prefix: string,
  gaps: Gaps,
): Authentication {
  if (said !== undefined) return said === "none" ? { kind: "none" } : saidSignIn(said);
  const lists = wanted.flatMap(({ security }) => security);
  if (lists.length === 0) return { kind: "none" };
  const usable = system.security.filter(
    ({ name, kind }) => kind !== "unsupported" && lists.some((names) => isAlone(names, name)),
  );
  const guarded = wanted.filter(({ security }) => security.length > 0);
  const found = usable.find(({ name }) =>
    guarded.every(({ security }) => security.some((names) => isAlone(names, name))),
  );
  if (found !== undefined) return schemeSignIn(found, prefix);
  gaps.add(
    "sign_in",
    usable.length > 1
      ? `one connection signs in one way, and these want several: ${usable.map(({ name }) => `${name} for ${takers(guarded, name)}`).join("; ")}. Import each group with --only and a --name of its own`
      : "say how Deskhand signs in: the document names no single way that can be used for all of them",
    usable.length > 1 ? null : `{ bearer: ${prefix}_KEY }`,
  );
  return { kind: "none" };
}

function isAlone(names: readonly string[], scheme: string): boolean {
  return names.length === 1 && names[0] === scheme;
}

function takers(operations: readonly OperationDescription[], scheme: string): string {
  return operations
    .filter(({ security }) => security.some((names) => isAlone(names, scheme)))
    .map(({ name }) => name)
    .join(", ");
}

/** How Deskhand signs in, as the answers say it. */
export function saidSignIn(
  said: Exclude<NonNullable<SystemAnswers["sign_in"]>, "none">,
): Authentication {
  if ("bearer" in said) return { kind: "bearer", secret: said.bearer };
  if ("user" in said) return { kind: "basic", user: said.user, secret: said.password };
  if ("header" in said)
    return { kind: "api-key", in: "header", name: said.header, secret: said.secret };
  if ("query" in said)
    return { kind: "api-key", in: "query", name: said.query, secret: said.secret };
  const { token_url: tokenUrl, client, secret, scopes } = said;
  return { kind: "client-credentials", tokenUrl, client, secret, scopes };
}

function schemeSignIn(scheme: SecurityDescription, prefix: string): Authentication {
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
    default:
      throw new Error(`unknown way to sign in ${String(scheme satisfies never)}`);
  }
}

function plannedCustomer(
  { customer }: SystemAnswers,
  operations: Operations,
  gaps: Gaps,
): PlannedConnection["customer"] {
  if (customer === undefined) return undefined;
  const operation = operations.get(customer.operation);
  if (operation === undefined) {
    gaps.add("customer", `there is no operation ${customer.operation} to find customers with`);
    return undefined;
  }
  for (const name of unplaced(operation, customer.values))
    gaps.add("customer", `${operation.name} has no parameter and no body field ${name}`);
  for (const name of requiredNames(operation))
    if (!(name in customer.values))
      gaps.add("customer", `${operation.name} requires ${name}: give it a value`);
  return {
    request: requestTemplate(operation, customer.values, undefined),
    records: customer.records ?? operation.answer?.records ?? "",
    id: customer.id,
    email: customer.email,
  };
}
