/** Decides which Reply-To address of a mail counts. */
import { domainOf, onlyAddressIn } from "#email/mime/addresses.ts";
import { valuesOf, type Head } from "#email/mime/headers.ts";
import type { VerifiedSender } from "./sender-identity.ts";

/** Another address than From to which answers may go that hold nothing private, or why there is none. */
export function replyToOf(
  head: Head,
  from: string | null,
  verified: VerifiedSender,
): { readonly address: string | null; readonly ignored: string | null } {
  const ignored = (reason: string | null) => ({ address: null, ignored: reason });
  const [value, ...others] = valuesOf(head, "reply-to");
  if (value === undefined) return ignored(null);
  if (from === null) return ignored("the mail has no single sender it could belong to");
  const only = onlyAddressIn(value);
  if (only === null || others.length > 0) return ignored("it does not name exactly one address");
  if (only === from) return ignored("it is the From address");
  if (verified.evidence.level < 2) return ignored("the sender is not verified");
  if (!verified.signedHeaders.includes("reply-to"))
    return ignored("the signature does not cover it, so any server on the way may have added it");
  return isSameOrganisation(domainOf(only), domainOf(from), verified)
    ? { address: only, ignored: null }
    : ignored("it leads out of the sender's organisation");
}

/** Without a policy record nothing tells where an organisation ends (RFC 9989 section 4.10), so only the same domain does. */
function isSameOrganisation(
  domain: string,
  own: string,
  { organisation }: VerifiedSender,
): boolean {
  if (domain === own) return true;
  return organisation !== null && (domain === organisation || domain.endsWith(`.${organisation}`));
}
