/** The duties of an installation, as every process knows them from its settings. */

import type { Connections } from "#adapters/index.ts";
import type { Duty } from "#core/contracts/duties.ts";
import { freeDuties } from "#store/db/duty-leases.ts";
import type { Store } from "#store/db/database.ts";

/** Every inbox, the helpdesk's export, and Slack's socket where Slack sends no requests. Pure. */
export function expectedDuties({
  email,
  zendesk,
  slack,
}: Pick<Connections, "email" | "zendesk" | "slack">): readonly Duty[] {
  return [
    ...(email?.inboxes ?? []).map(({ address }): Duty => ({
      kind: "inbox",
      name: address.toLowerCase(),
    })),
    ...(zendesk === null ? [] : [{ kind: "export", name: new URL(zendesk.url).host } as const]),
    ...(slack !== null && "appToken" in slack ? [{ kind: "socket", name: "slack" } as const] : []),
  ];
}

/** Those that processes share; null with the embedded database, which has one process that reads everything. */
export function dutiesToShare(
  store: Pick<Store, "kind">,
  connections: Parameters<typeof expectedDuties>[0],
): readonly Duty[] | null {
  return store.kind === "pglite" ? null : expectedDuties(connections);
}

/** Those that no process reads at this moment. */
export async function unreadDuties(
  store: Store,
  connections: Parameters<typeof expectedDuties>[0],
): Promise<readonly string[]> {
  return freeDuties(store, dutiesToShare(store, connections) ?? []);
}
