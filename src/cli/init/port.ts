/** Looks whether the address of the first start is free, before the operator answers questions for it. */

import { once } from "node:events";
import { createServer } from "node:net";
import { Environment } from "#config/environment.ts";
import { setVariables } from "#config/environment-file.ts";

const Listens = Environment.pick({ DESKHAND_HOST: true, DESKHAND_PORT: true });

/** The address Deskhand would listen on where something else does, like "127.0.0.1:4747"; null where it is free. */
export async function takenAddress(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const read = Listens.safeParse(setVariables(environment));
  // What is wrong with a variable is said where all of them are read.
  if (!read.success) return null;
  const { DESKHAND_HOST: host, DESKHAND_PORT: port } = read.data;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return null;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    return code === "EADDRINUSE" ? `${host}:${port}` : null;
  }
}

/** What to do about it, without a full stop. */
export function portAdvice(address: string): string {
  return `Something listens on ${address}, where Deskhand would start. Stop it, or set DESKHAND_PORT to another number; then type init again`;
}
