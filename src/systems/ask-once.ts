/** Asks each connected system one question that changes nothing, to see that address, secrets and answers fit. */
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import type { Connection, RequestTemplate, RequestTool, SystemTool } from "./contract.ts";
import type { SystemClient } from "./http/client.ts";
import type { SystemAnswer } from "./http/exchange.ts";
import { type PreparedRequest, prepareRequest } from "./http/prepare-request.ts";
import { inputsIn, type SystemPorts, valuesIn } from "./look-up.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { fieldAt, plain, systemsAsked, toolRequests } from "./request-values.ts";
import { changeInWords, type ListServerTools, lookAtServers } from "./mcp/look-at-servers.ts";

/** What systems are asked with: their clients, and for an MCP server its list of tools. */
export interface AskingPorts extends SystemPorts {
  readonly serverTools: ListServerTools;
}

/** What one system said. */
export interface AskedSystem {
  readonly connection: Connection;
  /** Null when it answered, also that there is no such record, and none of its tools is out of use. */
  readonly problem: DeskhandError | null;
  /** True when what it answered shows that it takes our secrets; many systems look for a record before. */
  readonly isSignedIn: boolean;
}

/** No customer has this address (RFC 2606), and no record this id. */
const NO_CUSTOMER = { customer_id: "0", email: "nobody@example.invalid", system_id: "0" };

/** Never throws for a system that is away or refuses: that is its problem. */
export async function askOnce(
  declarations: readonly SystemTool[],
  ports: AskingPorts,
  signal: AbortSignal,
): Promise<readonly AskedSystem[]> {
  const questions = systemsAsked(declarations, { isMcp: false }).map(({ connection, tools }) =>
    asked(connection, tools, ports, signal),
  );
  return [...(await Promise.all(questions)), ...(await servers(declarations, ports, signal))];
}

/** A server of MCP is asked for its tools: that changes nothing, and shows which of them changed. */
async function servers(
  declarations: readonly SystemTool[],
  { serverTools }: AskingPorts,
  signal: AbortSignal,
): Promise<readonly AskedSystem[]> {
  const looked = await lookAtServers(declarations, serverTools, signal);
  return looked.map((look) => ({
    connection: look.connection,
    problem:
      look.changed.length === 0
        ? look.problem
        : new DeskhandError("system.refused", changeInWords(look)),
    isSignedIn: look.problem === null,
  }));
}

async function asked(
  connection: Connection,
  tools: readonly RequestTool[],
  ports: SystemPorts,
  signal: AbortSignal,
): Promise<AskedSystem> {
  const question = questionFor(connection, tools);
  if (question === null) {
    const problem = invalidConfig(
      `No look-up of ${connection.name} can be asked without an id, so nothing was asked`,
    );
    return { connection, problem, isSignedIn: false };
  }
  try {
    const client = ports.clientOf(connection);
    const answer = await client.read(question.request, signal);
    const isSignedIn =
      answer.kind === "found" || (answer.kind === "absent" && answer.isEmpty === true);
    if (!isSignedIn && !question.namesRecord)
      return { connection, problem: nothingThere(connection, answer.kind), isSignedIn };
    return { connection, problem: await hiddenIn(connection, client, signal), isSignedIn };
  } catch (error) {
    if (error instanceof DeskhandError)
      return { connection, problem: withReason(connection, error), isSignedIn: false };
    throw error;
  }
}

/** A search finds nobody by a list that is empty; "not found" is said of the address itself. */
function nothingThere({ name }: Connection, kind: SystemAnswer["kind"]): DeskhandError {
  const said =
    kind === "absent"
      ? "has nothing at the address of our first question"
      : "does not understand our first question";
  return invalidConfig(
    `${name} answers, but it ${said}. Check the address with its version, such as /v1, and what the log says. Until then customers hear that there is no such record`,
  );
}

/** Which rights the key lacks, or why no record could ever be proven to be a customer's; null where neither is so. */
async function hiddenIn(
  { name, sample }: Connection,
  client: SystemClient,
  signal: AbortSignal,
): Promise<DeskhandError | null> {
  const request = sample === undefined ? null : madeUp(sample.request);
  const answer = request === null ? null : await client.read(request, signal);
  if (sample === undefined || answer?.kind !== "found") return null;
  const { at = "", needed = [] } = sample.rights ?? {};
  const granted = [fieldAt(answer.body, at)].flat().filter((one) => isRecord(one));
  const isGranted = (right: string) => granted.some((one) => Object.values(one).includes(right));
  const lacks = needed.flatMap((names) => (names.some(isGranted) ? [] : names.slice(0, 1)));
  if (lacks.length > 0) return invalidConfig(`${name} does not grant ${lacks.join(", ")}`);
  const records = [fieldAt(answer.body, sample.at)].flat().filter((one) => isRecord(one));
  const isShown = records.some((one) => (plain(fieldAt(one, sample.field)) ?? "") !== "");
  if (records.length === 0 || isShown) return null;
  const none = `${name} shows no ${sample.field} in any of ${records.length} records`;
  return invalidConfig(`${none}. ${sample.or}`);
}

/** A system may also refuse the field by its name. */
function withReason({ sample }: Connection, error: DeskhandError): DeskhandError {
  return sample !== undefined && error.message.includes(sample.field)
    ? new DeskhandError(error.code, `${error.message}. ${sample.or}`, { cause: error })
    : error;
}

/** The look-up of a customer where there is one, otherwise the first look-up with the fewest values that are made up. */
function questionFor(connection: Connection, tools: readonly RequestTool[]) {
  const templates = [
    ...(connection.customer === undefined ? [] : [connection.customer.request]),
    ...tools
      .map((tool) => toolRequests(tool)[0])
      .toSorted((one, other) => inputsIn(one).length - inputsIn(other).length),
  ];
  for (const template of templates) {
    const request = madeUp(template);
    // Where a made-up value is sent, "not found" and "not understood" are right answers.
    const namesRecord = valuesIn(template).some(({ value }) => value.from !== "fixed");
    if (request !== null) return { request, namesRecord };
  }
  return null;
}

function madeUp(template: RequestTemplate): PreparedRequest | null {
  const prepared = prepareRequest(template, {
    input: Object.fromEntries(inputsIn(template).map((name) => [name, "0"])),
    requester: NO_CUSTOMER,
    record: null,
    key: null,
  });
  return prepared.kind === "prepared" ? prepared.request : null;
}
