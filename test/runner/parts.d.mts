/** Where parts.mjs finds the programs of PostgreSQL. */
export function postgresFolder(): string | undefined;
