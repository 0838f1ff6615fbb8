/** Whom an operator or a lead means: by an address also the customer of the shop whose it is, who may have signed in as such. */

import { customerByAddress, provenIdentity } from "#core/values/identity.ts";
import { counted } from "#core/values/words.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { findPersonTraces, type PersonTraces } from "#jobs/privacy/erase-person.ts";
import { manualSteps, namesAsked } from "#jobs/privacy/person-request.ts";
import { nameText, type PersonName } from "#store/people/person-names.ts";

const ASKED_MS_MAX = 15_000;
const ELSEWHERE = "chats of signed-in customers are under customer:ID.";

/** Who was asked for, and what is to be said before anything is done with it. */
export interface PersonAsked {
  readonly names: readonly PersonName[];
  /** What the shop said of the address, a sentence; null where no address was asked for. */
  readonly inShop: string | null;
}

/** Looks the person up; `bind` says whose data a proven address opens, and is null where no shop can be asked. */
export async function personAsked(
  parts: Pick<JobContext, "store"> & { readonly bind: JobContext["bind"] | null },
  typed: string,
): Promise<PersonAsked> {
  const names = await namesAsked(parts, typed);
  const [name] = names;
  if (name?.kind !== "email") return { names, inShop: null };
  const { id, trouble } = await customerWith(parts.bind, name.value);
  if (trouble !== null)
    return { names, inShop: `Not looked up in the shop: ${trouble}; ${ELSEWHERE}` };
  if (id === null) return { names, inShop: `The shop knows no such address; ${ELSEWHERE}` };
  const both = [...names, { kind: "customer" as const, value: id }];
  const counts = [];
  for (const one of both) {
    const { places } = (await findPersonTraces(parts, [one])).person;
    counts.push(`${counted(places.length, "conversation")} as ${nameText(one)}`);
  }
  return { names: both, inShop: `In the shop this is customer:${id}: ${counts.join(", ")}.` };
}

/** What Deskhand cannot remove, and how the list is kept: the data folder may not outlive its process, the database does. */
export function stepsByHand(
  parts: Parameters<typeof manualSteps>[0],
  traces: PersonTraces,
): readonly string[] {
  return [
    ...manualSteps({ ...parts, listFile: "COPY" }, traces),
    "Once it is erased, write that list anew: npm run -s deskhand -- erase --list > COPY",
  ];
}

/** The id under which the shop has this address, and why it could not be asked. */
async function customerWith(
  bind: JobContext["bind"] | null,
  address: string,
): Promise<{ readonly id: string | null; readonly trouble: string | null }> {
  if (bind === null) return { id: null, trouble: "none is connected here" };
  try {
    const proven = provenIdentity("asked", "an operator asks for this person", address);
    const { customerId: id } = await bind(proven, AbortSignal.timeout(ASKED_MS_MAX));
    return { id: id === customerByAddress(address) ? null : id, trouble: null };
  } catch (error) {
    return { id: null, trouble: error instanceof Error ? error.message : String(error) };
  }
}
