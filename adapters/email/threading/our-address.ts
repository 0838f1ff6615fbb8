/** Recognizes our own inbox addresses in a mail. */
import { addressesOf } from "#email/mime/addresses.ts";
import { valuesOf, type Head } from "#email/mime/headers.ts";

/** One inbox of ours with all the addresses under which mail reaches it, in lower case; its own comes first. */
export interface OwnInbox {
  readonly names: readonly [string, ...(readonly string[])];
  /** False where the provider does not deliver mail to `name+anything@`. */
  readonly plusAddressing: boolean;
}

/** Where servers write to whom they delivered; only above the first Received, since the rest was there before. */
const ENVELOPE_FIELDS = ["x-original-to", "envelope-to", "delivered-to"];

/**
 * Which address of this inbox a mail was written to, for its answer to come from there. To and Cc say it unless they name
 * none or several; then what the server noted decides. It is always one of ours, never one a sender chooses.
 */
export function addressedInbox(head: Head, { names }: OwnInbox): string {
  const written = ownAddressesIn(
    ["to", "cc"].flatMap((name) => valuesOf(head, name)),
    names,
  );
  const [first, ...others] = written;
  if (first !== undefined && others.length === 0) return first;
  const received = head.fields.findIndex(({ name }) => name === "received");
  const ours = { ...head, fields: head.fields.slice(0, received === -1 ? undefined : received) };
  const delivered = ownAddressesIn(
    ENVELOPE_FIELDS.flatMap((name) => valuesOf(ours, name)),
    names,
  );
  return (
    delivered.find((name) => first === undefined || written.includes(name)) ?? first ?? names[0]
  );
}

/** The names that these address headers hold, with a plus part or without, each once. */
export function ownAddressesIn(
  values: readonly string[],
  names: readonly string[],
): readonly string[] {
  const found = values
    .flatMap((value) => addressesOf(value))
    .flatMap(
      (address) => [address, withoutPlus(address)].find((name) => names.includes(name)) ?? [],
    );
  return [...new Set(found)];
}

function withoutPlus(address: string): string {
  return address.replace(/^([^+]*)\+[^@]*@/, "$1@");
}
