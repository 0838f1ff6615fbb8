/** Finds out when certificates and tokens end: of servers as they show themselves, of files and tokens as these say. */

import type { Expiry } from "#core/connection/expiry.ts";
import type { Config } from "#config/environment.ts";
import { certificateFilesOf, fileEnd } from "./certificate-files.ts";
import { certificateEnd } from "./look-at-server.ts";
import { serversOf } from "./servers.ts";
import { ownSystems } from "./systems.ts";
import { tokensOf } from "./tokens.ts";

/**
 * When each certificate and token ends, as far as it can be seen from here; a server that cannot be reached, or a file
 * that cannot be read, is left to the checks that need it. Never throws.
 */
export async function expiriesOf(config: Config): Promise<readonly Expiry[]> {
  const systems = await ownSystems(config);
  const servers = serversOf(config, systems);
  const looked = await Promise.all(
    servers.map(async (server): Promise<readonly Expiry[]> => {
      const at = await certificateEnd(server);
      const what = `The certificate of ${server.host}:${server.port}`;
      return at === null ? [] : [{ kind: server.kind, what, at }];
    }),
  );
  const files = certificateFilesOf(config, systems).flatMap((path): readonly Expiry[] => {
    const end = fileEnd(path);
    if (end === null) return [];
    return [{ kind: "file", what: `The certificate of ${end.subject} in ${path}`, at: end.at }];
  });
  return [...looked.flat(), ...files, ...tokensOf(config.environment)];
}
