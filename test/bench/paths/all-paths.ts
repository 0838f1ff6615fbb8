/** The whole path of every channel that this machine has the servers for. */
import { dovecotMissing } from "#test/dovecot/server.ts";
import { startSharedServices } from "#test/support/processes.ts";
import { mailSource } from "./mail-source.ts";
import { measurePath, type PathCost, type Source } from "./path.ts";
import { chatSource, slackSource } from "./sources.ts";
import { zendeskSource } from "./zendesk-source.ts";

const SOURCES: readonly (readonly [string, () => Promise<Source>])[] = [
  ["chat", chatSource],
  ["slack", slackSource],
  ["mail", mailSource],
  ["zendesk", zendeskSource],
];

export async function measurePaths(options: {
  readonly conversations: number;
  readonly idleMs: number;
  readonly say: (line: string) => void;
}): Promise<Readonly<Record<string, PathCost>>> {
  const costs: Record<string, PathCost> = {};
  for (const [name, open] of SOURCES) {
    if (name === "mail" && dovecotMissing !== false) {
      options.say(`whole path: no mail, ${dovecotMissing}`);
      continue;
    }
    options.say(`whole path: ${name}`);
    const shared = await startSharedServices();
    try {
      const source = await open();
      try {
        costs[name] = await measurePath(source, { ...options, shared });
      } finally {
        await source.close();
      }
    } finally {
      await shared.close();
    }
  }
  return costs;
}
