/** The sandbox's parts where none of them runs, so that what is not configured counts as not connected. */

import type { EmbeddedParts } from "#sandbox/index.ts";

export const NOTHING_EMBEDDED: EmbeddedParts = {
  redisUrl: null,
  slack: null,
  slackUnavailable: null,
  zendesk: null,
  mail: null,
  shop: null,
  endpoints: { slack: null, zendesk: null, email: null, shop: null },
  close: async () => undefined,
};
