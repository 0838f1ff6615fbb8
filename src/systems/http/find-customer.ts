/** Finds the requester's id in one system by their verified e-mail address. */
import type { Connection } from "#systems/contract.ts";
import { fieldAt, isSameAddress, plain, STRANGER } from "#systems/request-values.ts";
import type { SystemAnswer } from "./exchange.ts";
import { type PreparedRequest, prepareRequest } from "./prepare-request.ts";

/** Asked for where no address is verified, so that time and calls do not tell; no mailbox has it (RFC 2606 2). */
const NO_ADDRESS = "absent@requester.invalid";

type Read = (request: PreparedRequest, signal: AbortSignal) => Promise<SystemAnswer>;

/**
 * Gives the id of a verified address, null when there is none that is certain: exactly one record has the address, but
 * for the case of its letters. What was found is kept with the turn's signal; after a failure it is asked again.
 */
export function customerFinder(
  customer: Connection["customer"],
  read: Read,
): (verified: string | null, signal: AbortSignal) => Promise<string | null> {
  const turns = new WeakMap<AbortSignal, Map<string | null, Promise<string | null>>>();
  return async (verified, signal) => {
    if (customer === undefined) return null;
    const known = turns.get(signal) ?? new Map<string | null, Promise<string | null>>();
    turns.set(signal, known);
    const asked =
      known.get(verified) ?? askFor(customer, verified, (request) => read(request, signal));
    known.set(verified, asked);
    try {
      return await asked;
    } catch (error) {
      known.delete(verified);
      throw error;
    }
  };
}

async function askFor(
  customer: NonNullable<Connection["customer"]>,
  verified: string | null,
  read: (request: PreparedRequest) => Promise<SystemAnswer>,
): Promise<string | null> {
  const prepared = prepareRequest(customer.request, {
    input: {},
    requester: { ...STRANGER, email: verified ?? NO_ADDRESS },
    record: null,
    key: null,
  });
  if (prepared.kind === "refused") return null;
  const answer = await read(prepared.request);
  if (answer.kind !== "found" || verified === null) return null;
  // A system may ignore a filter it does not know and answer with everyone.
  const records = [fieldAt(answer.body, customer.records)].flat();
  const [match, ...more] = records.filter((record) =>
    isSameAddress(fieldAt(record, customer.email), verified),
  );
  const id = more.length > 0 ? null : plain(fieldAt(match, customer.id));
  return id === null || id === "" || typeof id === "boolean" ? null : String(id);
}
