/** Tells the terminal, and `endpoints.json`, where the started process answers. */

import { addressTable, writeEndpoints, type Endpoints } from "#config/endpoints-file.ts";
import type { Config } from "#config/environment.ts";
import { identityKeysOf } from "#connections/chat.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { Store } from "#store/db/database.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import type { serve } from "./http-server.ts";
import type { ProcessFigures } from "./process-figures.ts";

/** Prints the addresses. Programs that need a complete Deskhand read them from `endpoints.json`. */
export function announce(
  given: Parameters<typeof endpointsOf>[0] & {
    readonly config: Config;
    readonly say: (line: string) => void;
    readonly web: Pick<Awaited<ReturnType<typeof serve>>, "show">;
    readonly figures: ProcessFigures;
  },
): void {
  const { config, say, url, web, figures } = given;
  const afterMs = figures.readied();
  const role = config.environment.DESKHAND_ROLE;
  if (role === "all") {
    const endpoints = endpointsOf(given);
    web.show(endpoints);
    writeEndpoints(config.dataFolder, endpoints);
    say(`\n${readySentence("Deskhand", afterMs)}\n\n${addressTable(endpoints)}\n`);
  } else say(`\n${readySentence(`Deskhand's part “${role}”`, afterMs)} It answers at ${url}.\n`);
}

function readySentence(what: string, afterMs: number): string {
  return `${what} is ready after ${(afterMs / 1_000).toFixed(1)} s.`;
}

// Collects every address and sandbox credential of a process with the role `all`.

/** Addresses of a complete Deskhand, and the credentials of its embedded parts. */
function endpointsOf(given: {
  readonly config: Config;
  readonly embedded: EmbeddedParts;
  readonly secrets: Pick<InstallationSecrets, "chatIdentity">;
  readonly redisUrl: string;
  readonly store: Store;
  readonly url: string;
}): Endpoints {
  const { embedded, config, store, url } = given;
  const { slack, zendesk, mail, shop } = embedded;
  return {
    ready: true,
    app: { url },
    chat: {
      url: `${url}/support/chat`,
      identitySecret: currentKey(identityKeysOf(config, given.secrets.chatIdentity)),
    },
    slack:
      slack === null
        ? null
        : {
            url: slack.url,
            approvalsChannel: slack.approvalsChannel,
            alertsChannel: slack.alertsChannel,
            helpChannel: slack.helpChannel,
            users: {
              sam: slack.users.sam.id,
              lea: slack.users.lea.id,
              ned: slack.users.ned.id,
              ann: slack.users.ann.id,
            },
          },
    zendesk:
      zendesk === null
        ? null
        : {
            url: zendesk.url,
            tokens: {
              admin: zendesk.tokens.admin,
              bot: zendesk.tokens.bot,
              dana: zendesk.tokens.dana,
              lee: zendesk.tokens.lee,
              ann: zendesk.tokens.ann,
            },
            groups: zendesk.groups,
          },
    email:
      mail === null
        ? null
        : { address: mail.address, web: mail.web, smtp: mail.smtp, imap: mail.imap },
    shop: shop === null ? null : { url: shop.url, openapi: shop.openapi, key: shop.key },
    redis: { url: given.redisUrl },
    database: { kind: store.kind, url: config.environment.DATABASE_URL ?? "" },
  };
}
