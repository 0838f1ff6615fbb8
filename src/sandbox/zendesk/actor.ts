import type { User, Via } from "./model.ts";

/** Who does it and by which way in; `system` is what Zendesk notes about the request (client, address). */
export interface Actor {
  readonly user: User;
  readonly via: Via;
  readonly system: Readonly<Record<string, unknown>>;
}

/** Via object of a channel without a further source. */
export function viaOf(channel: "api" | "web" | "email"): Via {
  return { channel, source: { from: {}, to: {}, rel: null } };
}

/** Via object of what Zendesk does by itself. */
export function viaOfSystem(): Via {
  return { channel: "system", source: { from: {}, to: {}, rel: null } };
}
