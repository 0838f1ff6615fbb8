/** The way to the servers of outgoing webhooks: public addresses over HTTPS, and those that the operator allows. */
import { isIP } from "node:net";
import { invalidInput } from "#core/values/errors.ts";
import { isOwnNetwork, publicPost } from "#http/public-fetch.ts";
import type { WebhookPort } from "#jobs/webhooks/send.ts";

/** Enough for the words that are kept of an answer, whatever its alphabet. */
const ANSWER_BYTES_MAX = 1_000;

/**
 * `local` are the origins in the operator's own network that may be sent to. A host that is written as an address is
 * refused at once; what a name leads to is known when something is sent.
 */
export function webhookPort(
  local: readonly string[] = [],
  lookup?: NonNullable<Parameters<typeof publicPost>[1]["lookup"]>,
): WebhookPort {
  const allowed = new Set(local);
  const refusal = (text: string): string | null => {
    const url = URL.parse(text);
    if (url === null) return "is no address";
    if (url.username !== "" || url.password !== "") return "has a name or a password in it";
    if (url.hash !== "") return "has a # in it, which is not sent";
    if (allowed.has(url.origin)) return null;
    if (url.protocol !== "https:")
      return "has to begin with https://, unless the operator allows it with DESKHAND_WEBHOOK_LOCAL";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return isIP(host) !== 0 && isOwnNetwork(host)
      ? "is in your own network, which the operator allows with DESKHAND_WEBHOOK_LOCAL"
      : null;
  };
  return {
    refusal,
    async post(text, request) {
      const refused = refusal(text);
      if (refused !== null) throw invalidInput(`the address ${refused}`);
      const url = new URL(text);
      return publicPost(url, {
        ...request,
        isLocal: allowed.has(url.origin),
        bytesMax: ANSWER_BYTES_MAX,
        ...(lookup !== undefined && { lookup }),
      });
    },
  };
}
