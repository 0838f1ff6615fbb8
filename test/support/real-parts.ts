/** The environment of a Deskhand with real parts only, for tests of what is refused. */
import { join } from "node:path";

export const SANDBOX_POLICY = join(import.meta.dirname, "../../src/policy/files/sandbox.yaml");

/** A value no message may contain. */
export const SECRET = "do-not-show-this-0123456789-abcdef-42";

/** Variables for every real part, with addresses where no server listens; no embedded part starts with them. */
export const REAL_ENVIRONMENT = {
  SLACK_BOT_TOKEN: SECRET,
  SLACK_APP_TOKEN: SECRET,
  SLACK_APPROVALS_CHANNEL: "C1",
  SLACK_ALERTS_CHANNEL: "C2",
  ZENDESK_URL: "http://127.0.0.1:1",
  ZENDESK_WRITER_CLIENT_ID: "deskhand_writer",
  ZENDESK_WRITER_CLIENT_SECRET: SECRET,
  ZENDESK_READER_CLIENT_ID: "deskhand_reader",
  ZENDESK_READER_CLIENT_SECRET: SECRET,
  ZENDESK_WEBHOOK_SECRET: SECRET,
  ZENDESK_GROUP_BOT: "1",
  ZENDESK_GROUP_TIER2: "2",
  ZENDESK_GROUP_SENSITIVE: "3",
  IMAP_HOST: "127.0.0.1",
  IMAP_USER: "desk",
  IMAP_PASS: SECRET,
  SMTP_HOST: "127.0.0.1",
  SUPPORT_ADDRESS: "help@shop.test",
  SHOP_URL: "http://127.0.0.1:1",
  SHOP_KEY: SECRET,
  DESKHAND_POLICY: SANDBOX_POLICY,
  EMBEDDINGS: "off",
} as const;
