/** Finds the requester's id in one system by their verified e-mail address. */
import type { ToolContext } from "#core/contracts/tool.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Connection } from "#systems/contract.ts";
import { fieldAt } from "#systems/request-values.ts";
import type { SystemClient } from "./client.ts";
import { prepareRequest } from "./prepare-request.ts";

/** Asked for where no address is verified, so that time and calls do not tell; no mailbox has it (RFC 2606 2). */
const NO_ADDRESS = "absent@requester.invalid";

/**
 * The requester's id in the system of a client, null when there is none that is certain: exactly one record has the
 * verified address, but for the case of its letters. A requester who is not verified, or whom others can read along
 * with, has none, with the same calls. Asked once a turn, for which the context stands. Throws `system.unavailable`, and
 * then the next tool asks again.
 */
export function customerFinder(
  client: SystemClient,
): (context: ToolContext) => Promise<string | null> {
  const { customer } = client.connection;
  const found = new WeakMap<ToolContext, Promise<string | null>>();
  return async (context) => {
    if (customer === undefined) return null;
    const before = found.get(context);
    if (before !== undefined) return await before;
    const asked = askFor(client, customer, context);
    found.set(context, asked);
    try {
      return await asked;
    } catch (error) {
      found.delete(context);
      throw error;
    }
  };
}

async function askFor(
  client: SystemClient,
  customer: NonNullable<Connection["customer"]>,
  { requester, audience, signal }: ToolContext,
): Promise<string | null> {
  const isKnown = requester.level >= PROVEN_LEVEL && audience === "private";
  const verified = isKnown ? requester.emailOnFile : null;
  const email = verified ?? NO_ADDRESS;
  const prepared = prepareRequest(customer.request, {
    input: {},
    requester: { customer_id: null, email, system_id: null },
    record: null,
    key: null,
  });
  if (prepared.kind === "refused") return null;
  const answer = await client.read(prepared.request, signal);
  if (answer.kind === "absent" || verified === null) return null;
  // A system may ignore a filter it does not know and answer with everyone.
  const records = [fieldAt(answer.body, customer.records)].flat();
  const [match, ...more] = records.filter((record) =>
    isSameAddress(fieldAt(record, customer.email), verified),
  );
  return match === undefined || more.length > 0 ? null : idOf(fieldAt(match, customer.id));
}

/** Letters beyond ASCII are compared as they are: some become others when their case changes. */
function isSameAddress(given: unknown, verified: string): boolean {
  const folded = (text: string): string =>
    text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return typeof given === "string" && folded(given) === folded(verified);
}

function idOf(id: unknown): string | null {
  if (typeof id === "string") return id === "" ? null : id;
  return Number.isSafeInteger(id) ? String(id) : null;
}
