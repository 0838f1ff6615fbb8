/** Where the parts of the sandbox answer and what opens them, for people and programs that work with a running Deskhand. */
import { z } from "zod";
import type { LocalSlack } from "./slack/index.ts";
import type { SampleShop } from "./shop/index.ts";
import type { SandboxMail } from "./mail/index.ts";
import type { SandboxZendesk } from "./zendesk/index.ts";

const Id = z.string();

/** The address and the credentials of each part; null for one that does not run. */
export const EmbeddedEndpoints = z.strictObject({
  slack: z
    .strictObject({
      url: z.string(),
      approvalsChannel: Id,
      alertsChannel: Id,
      helpChannel: Id,
      users: z.strictObject({ sam: Id, lea: Id, ned: Id, ann: Id }),
    })
    .nullable(),
  zendesk: z
    .strictObject({
      url: z.string(),
      tokens: z.strictObject({ admin: Id, bot: Id, dana: Id, lee: Id, ann: Id }),
      groups: z.strictObject({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
    })
    .nullable(),
  email: z
    .strictObject({
      address: z.string(),
      web: z.string(),
      smtp: z.strictObject({ host: z.string(), port: z.int() }),
      imap: z.strictObject({ host: z.string(), port: z.int(), user: z.string(), pass: z.string() }),
    })
    .nullable(),
  shop: z.strictObject({ url: z.string(), openapi: z.string(), key: z.string() }).nullable(),
});
export type EmbeddedEndpoints = z.infer<typeof EmbeddedEndpoints>;

/** What of these parts others may know. */
export function embeddedEndpoints({
  slack,
  zendesk,
  mail,
  shop,
}: {
  readonly slack: LocalSlack | null;
  readonly zendesk: SandboxZendesk | null;
  readonly mail: SandboxMail | null;
  readonly shop: SampleShop | null;
}): EmbeddedEndpoints {
  return {
    slack: slack === null ? null : slackEndpoints(slack),
    zendesk: zendesk === null ? null : zendeskEndpoints(zendesk),
    email:
      mail === null
        ? null
        : { address: mail.address, web: mail.web, smtp: mail.smtp, imap: mail.imap },
    shop: shop === null ? null : { url: shop.url, openapi: shop.openapi, key: shop.key },
  };
}

function slackEndpoints({ url, users, ...channels }: LocalSlack): EmbeddedEndpoints["slack"] {
  const { approvalsChannel, alertsChannel, helpChannel } = channels;
  const { sam, lea, ned, ann } = users;
  return {
    url,
    approvalsChannel,
    alertsChannel,
    helpChannel,
    users: { sam: sam.id, lea: lea.id, ned: ned.id, ann: ann.id },
  };
}

function zendeskEndpoints({ url, tokens, groups }: SandboxZendesk): EmbeddedEndpoints["zendesk"] {
  const { admin, bot, dana, lee, ann } = tokens;
  return { url, tokens: { admin, bot, dana, lee, ann }, groups };
}
