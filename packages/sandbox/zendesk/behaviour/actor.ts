/** The author of a change in the local Zendesk. */
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Via } from "#sandbox/zendesk/records/ticket-model.ts";

/** Who does it and by which way in; `system` is what Zendesk notes about the request (client, address). */
export interface Actor {
  readonly user: User;
  readonly via: Via;
  readonly system: Readonly<Record<string, unknown>>;
}

/** Via object of a channel without a further source. */
export function viaOf(channel: string): Via {
  return { channel, source: { from: {}, to: {}, rel: null } };
}

/** What Zendesk notes about a request in comments and audits: client, address, and where that address seems to be. */
export function systemOf(client: string | undefined, address: string | undefined): Actor["system"] {
  const place = { location: "Hamburg, HH, Germany", latitude: 53.55, longitude: 9.99 };
  return { client: client ?? "", ip_address: address ?? "", ...place };
}
