/** Asks each connected system one question that changes nothing, to see that address, secrets and answers fit. */
import { DeskhandError } from "#core/values/errors.ts";
import type { Connection, RequestTemplate, SystemTool } from "./contract.ts";
import { type PreparedRequest, prepareRequest } from "./http/prepare-request.ts";
import { type SystemPorts, valuesIn } from "./look-up.ts";

/** A tool that asks over HTTP; a look-up in a database has no such connection. */
type HttpTool = Extract<SystemTool, { connection: Connection }>;

/** What one system said. */
export interface AskedSystem {
  readonly connection: Connection;
  /** Null when it answered, also that there is no such record. */
  readonly problem: DeskhandError | null;
}

/** No customer has this address (RFC 2606), and no record this id. */
const NO_CUSTOMER = { customer_id: "0", email: "nobody@example.invalid", system_id: "0" };

/** Never throws for a system that is away or refuses: that is its problem. */
export async function askOnce(
  declarations: readonly SystemTool[],
  ports: SystemPorts,
  signal: AbortSignal,
): Promise<readonly AskedSystem[]> {
  const overHttp = declarations.filter((tool) => "connection" in tool);
  const systems = Map.groupBy(overHttp, ({ connection }) => connection.name);
  return Promise.all(
    [...systems.values()].flatMap((tools) => {
      const [first] = tools;
      return first === undefined ? [] : [asked(first.connection, tools, ports, signal)];
    }),
  );
}

async function asked(
  connection: Connection,
  tools: readonly HttpTool[],
  ports: SystemPorts,
  signal: AbortSignal,
): Promise<AskedSystem> {
  const request = questionFor(connection, tools);
  if (request === null) {
    const problem = new DeskhandError(
      "config.invalid",
      `No look-up of ${connection.name} can be asked without an id, so nothing was asked`,
    );
    return { connection, problem };
  }
  try {
    await ports.clientOf(connection).read(request, signal);
    return { connection, problem: null };
  } catch (error) {
    if (error instanceof DeskhandError) return { connection, problem: error };
    throw error;
  }
}

/** The look-up of a customer where there is one, otherwise the first look-up that its values can be made up for. */
function questionFor(connection: Connection, tools: readonly HttpTool[]): PreparedRequest | null {
  const templates = [
    ...(connection.customer === undefined ? [] : [connection.customer.request]),
    ...tools.map((tool) => (tool.kind === "read" ? tool.from : tool.about.from).request),
  ];
  return templates.map(madeUp).find((request) => request !== null) ?? null;
}

function madeUp(template: RequestTemplate): PreparedRequest | null {
  const names = valuesIn(template).flatMap(({ value }) =>
    value.from === "input" ? [value.name] : [],
  );
  const prepared = prepareRequest(template, {
    input: Object.fromEntries(names.map((name) => [name, "0"])),
    requester: NO_CUSTOMER,
    record: null,
    key: null,
  });
  return prepared.kind === "prepared" ? prepared.request : null;
}
