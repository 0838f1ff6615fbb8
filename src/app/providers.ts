/** Connects the outside services, each behind its breaker, and tells how they are. */

import { type Adapters, connect } from "#adapters/index.ts";
import type { CurrentPolicy } from "#policy/current-policy.ts";
import { consoleDesk } from "#server/console/null-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Breakers } from "#connections/circuit-breakers.ts";
import { type Connected, connectionsOf } from "#connections/connect-all.ts";
import type { ComposedApp, Foundation } from "./composed-app.ts";

/** The outside connections, each behind its provider's breaker. Slack's desk and channel share one breaker. */
export async function connectProviders(
  breakers: Breakers,
  foundation: Foundation,
  policy: CurrentPolicy,
) {
  const connections = connectionsOf({ ...foundation, policy });
  const { channels, desk, inbound, teamSignIn, shop, passages, helpCenter } =
    await connect(connections);
  return {
    connections,
    inbound,
    teamSignIn,
    passages,
    helpCenter,
    channels: new Map(
      [...channels].map(([name, channel]) => [name, breakers.channel(channel)] as const),
    ),
    shop: hasShop(foundation) ? breakers.shop(shop) : NO_SHOP,
    desk: desk === null ? consoleDesk(foundation.log) : breakers.desk("slack", desk),
  };
}

function hasShop({ config, embedded }: Foundation): boolean {
  return config.real.shop || embedded.shop !== null;
}

/** Where your own systems stand in the place of a shop: it knows nobody, and nothing is asked. */
const NO_SHOP: ReturnType<Breakers["shop"]> = {
  reads: {
    customer: async () => null,
    customerByEmail: async () => null,
    orders: async () => [],
    order: async () => null,
    payments: async () => [],
  },
  target: {
    name: "shop",
    supports: [],
    findIsReliable: true,
    commit: async ({ operation }) => {
      throw new DeskhandError("channel.unsupported", `no shop is connected to ${operation}`);
    },
    find: async () => ({ state: "absent" }),
  },
};

/** State of the providers, for health, and the doors some of them have of their own. */
export function providerStates(
  breakers: Breakers,
  {
    connections,
    inbound: slackHandler,
    teamSignIn,
  }: Pick<Adapters, "inbound" | "teamSignIn"> & { readonly connections: Connected },
): Pick<
  ComposedApp,
  | "connections"
  | "slackHandler"
  | "teamSignIn"
  | "breakerStates"
  | "modelRefusal"
  | "credentialStates"
> {
  const credentialStates = Object.entries(connections.credentialStates);
  return {
    connections,
    slackHandler,
    teamSignIn,
    breakerStates: () => breakers.states(),
    modelRefusal: () => breakers.modelRefusal(),
    credentialStates: () =>
      Object.fromEntries(credentialStates.map(([name, one]) => [name, one.problem() ?? "ok"])),
  };
}
