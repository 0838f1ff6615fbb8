import { domainOf, onlyAddressIn } from "./addresses.ts";
import { valuesOf, type Head } from "./headers.ts";
import type { Verified } from "./identity.ts";

/** Another address than From to which answers may go that anybody may read; null when there is none. */
export function trustedReplyTo(head: Head, from: string, verified: Verified): string | null {
  const values = valuesOf(head, "reply-to");
  const only = onlyAddressIn(values[0] ?? "");
  if (only === null || only === from || values.length > 1) return null;
  const isSigned = verified.signedHeaders.includes("reply-to");
  return isSigned && isSameOrganisation(domainOf(only), domainOf(from), verified) ? only : null;
}

/** Without a policy record nothing tells where an organisation ends (RFC 9989 section 4.10), so only the same domain does. */
function isSameOrganisation(domain: string, own: string, { organisation }: Verified): boolean {
  if (domain === own) return true;
  return organisation !== null && (domain === organisation || domain.endsWith(`.${organisation}`));
}
