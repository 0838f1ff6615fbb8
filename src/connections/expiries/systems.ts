/** Your own systems, as the folders of tools declare them: at which addresses, and with which files of certificates. */

import type { Config } from "#config/environment.ts";

/** What the tools connect to. */
export interface OwnSystems {
  /** Of systems and of where their access tokens come from, with `https`. */
  readonly addresses: readonly string[];
  /** Of databases; they may hold a password. */
  readonly databases: readonly string[];
  /** Paths of client certificates. */
  readonly files: readonly string[];
}

const NONE: OwnSystems = { addresses: [], databases: [], files: [] };

/**
 * What the declared tools connect to. A folder that cannot be read has none: the start and `tools check` say what is
 * wrong with it. Never throws.
 */
export async function ownSystems({
  toolsFolders,
  systemSettings,
}: Pick<Config, "toolsFolders" | "systemSettings">): Promise<OwnSystems> {
  if (toolsFolders.length === 0) return NONE;
  const setting = (name: string): string | null => {
    try {
      return systemSettings.text(name);
    } catch {
      return null;
    }
  };
  try {
    // Most installations have no tools of their own, and need nothing of this in memory.
    const { readTools } = await import("#connections/system-tools.ts");
    const declarations = await readTools(toolsFolders, []);
    const connections = declarations.flatMap((one) =>
      one.kind === "sql-read" ? [] : [one.connection],
    );
    const databases = declarations.flatMap((one) =>
      one.kind === "sql-read" ? [one.database.addressFrom] : [],
    );
    return {
      addresses: known(
        connections.flatMap(({ addressFrom, address, authentication }) => [
          setting(addressFrom) ?? address,
          authentication.kind === "client-credentials"
            ? (setting(authentication.tokenUrl) ?? authentication.tokenUrl)
            : null,
        ]),
      ),
      databases: known(databases.map(setting)),
      files: known(
        connections.map(({ clientCertificate: files }) => setting(files?.certificate ?? "")),
      ),
    };
  } catch {
    return NONE;
  }
}

function known(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
