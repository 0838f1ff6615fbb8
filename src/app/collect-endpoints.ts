/** Collects every address and sandbox credential of a process with the role `all`. */

import { currentKey } from "#core/connection/signing-keys.ts";
import { identityKeysOf } from "#connections/chat.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { Store } from "#store/db/database.ts";
import type { Config } from "#config/environment.ts";
import type { Endpoints } from "#config/endpoints-file.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";

/** Addresses of a complete Deskhand, and the credentials of its embedded parts. */
export function endpointsOf(given: {
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
