/** A server on this machine alone. */
import { once } from "node:events";
import type { Server } from "node:net";

/** What runs on a port, and how it ends. */
export interface Listening {
  readonly port: number;
  /** Ends open connections too; resolves when the port is free again. */
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1, on a free port for 0. Rejects when the port is taken. */
export async function listenHere(
  server: Server & { closeAllConnections?(): void },
  wanted = 0,
): Promise<Listening> {
  server.listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : wanted,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections?.();
      await closed;
    },
  };
}
