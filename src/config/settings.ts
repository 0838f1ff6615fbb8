/** Every environment variable as people read about it: made from the schema, which alone says what is valid. */

import { MODEL_SHOWN } from "./language-model.ts";
import { z } from "zod";
import { type Environment, Environment as Schema, TOGETHER } from "./environment.ts";
import { Secret } from "./secret.ts";

type Name = keyof Environment;

/** One variable, described for people. */
export interface Setting {
  readonly name: Name;
  readonly purpose: string;
  /** What a value looks like, in words. */
  readonly form: string;
  /** The value that holds when it is not set; null when there is none. */
  readonly fallback: string | null;
  /** A value that is accepted. */
  readonly example: string;
  /** Whether its value never appears in logs and messages. */
  readonly isSecret: boolean;
}

/** Variables that are read together. */
export interface SettingsPart {
  readonly title: string;
  readonly about: string;
  /** If one of these is set, all of them have to be. */
  readonly needed: readonly Name[];
  readonly settings: readonly Setting[];
}

/** A value that is accepted, and how such values look where the schema holds only a pattern or a function. */
type Shown = string | readonly [example: string, form: string];

interface Part {
  readonly title: string;
  readonly about: string;
  readonly shown: Readonly<Partial<Record<Name, Shown>>>;
}

const CHANNEL_IDS = "channel ids, separated by commas";
const PATH = "path";

/** The parts in the order in which they are connected. A test finds variables that are in none of them. */
const PARTS: readonly Part[] = [
  {
    title: "Policy",
    about: "What is allowed, what people decide, and who they are: see [policy.md](policy.md).",
    shown: {
      DESKHAND_POLICY: ["deskhand.policy.yaml", PATH],
      DESKHAND_PROCEDURES: ["procedures", PATH],
    },
  },
  {
    title: "Your own systems",
    about:
      "The tools name further variables: the address and the secrets of each system, or `NAME_FILE` for a file with one. See [connect-your-shop.md](connect-your-shop.md).",
    shown: { TOOLS: ["tools", "paths, separated by commas"] },
  },
  {
    title: "Slack",
    about:
      "Also set either `SLACK_APP_TOKEN` (Socket Mode) or `SLACK_SIGNING_SECRET` (signed requests), not both: see [slack.md](slack.md).",
    shown: {
      SLACK_BOT_TOKEN: ["xoxb-…", "bot token"],
      SLACK_APP_TOKEN: ["xapp-…", "app-level token"],
      SLACK_SIGNING_SECRET: ["first,second", "one, or two separated by a comma"],
      SLACK_CLIENT_ID: ["1234567890.1234567890", "of the app"],
      SLACK_CLIENT_SECRET: ["a secret of the app", "of the app"],
      SLACK_APPROVALS_CHANNEL: ["C0123ABC", "channel id"],
      SLACK_ALERTS_CHANNEL: ["C0124ABC", "channel id"],
      SLACK_HELP_CHANNELS: ["C0125ABC,C0126ABC", CHANNEL_IDS],
      SLACK_PLACES: ["money=C0127ABC,german=C0128ABC", "name=channel id, separated by commas"],
      SLACK_CONNECT_TRUSTED: [
        "T0456DEF=customer.example",
        "workspace id=domain, separated by commas",
      ],
      SLACK_MESSAGES_PER_MINUTE: "60",
      SLACK_API_URL: "https://slack.example/api/",
    },
  },
  {
    title: "Zendesk",
    about:
      "Also set a way to sign in for the writer and one for the reader, usually an OAuth client each: see [zendesk.md](zendesk.md). `init zendesk` creates webhook, groups and fields, and reads an admin's token from `ZENDESK_ADMIN_TOKEN`.",
    shown: {
      ZENDESK_URL: "https://your-account.zendesk.com",
      ZENDESK_WRITER_CLIENT_ID: ["deskhand_writer", "identifier of the client"],
      ZENDESK_WRITER_CLIENT_SECRET: "…",
      ZENDESK_WRITER_REFRESH_TOKEN: "…",
      ZENDESK_READER_CLIENT_ID: ["deskhand_reader", "identifier of the client"],
      ZENDESK_READER_CLIENT_SECRET: "…",
      ZENDESK_READER_REFRESH_TOKEN: "…",
      ZENDESK_WRITER_TOKEN: "…",
      ZENDESK_READER_TOKEN: "…",
      ZENDESK_EMAIL: "bot@shop.example",
      ZENDESK_READER_EMAIL: "admin@shop.example",
      ZENDESK_API_TOKEN: "…",
      ZENDESK_WEBHOOK_SECRET: "…",
      ZENDESK_GROUP_BOT: "360001",
      ZENDESK_GROUP_TIER2: "360002",
      ZENDESK_GROUP_SENSITIVE: "360003",
      ZENDESK_SENDER_AUTHENTICATION: "on",
      ZENDESK_BRANDS: ["360001=ourshop,360002=outlet", "brand id=name, separated by commas"],
      ZENDESK_MACROS: "on",
      ZENDESK_FIELDS: [
        "intent=360001,language=360002,reason=360003",
        "intent, language or reason=field id, separated by commas",
      ],
      ZENDESK_RESUME_TAG: ["bot_resume", "one tag"],
      ZENDESK_PROGRAMS: ["4711,4712", "user ids, separated by commas"],
      ZENDESK_PROGRAM_ROUNDS: "2",
      ZENDESK_AUTOMATIC_RULES: ["360009,Night shift", "ids or titles, separated by commas"],
    },
  },
  {
    title: "Mail",
    about:
      "One mailbox with a password. For several, or to sign in by OAuth, set `MAIL_INBOXES` instead: see [email.md](email.md#connecting-a-mailbox).",
    shown: {
      SUPPORT_ADDRESS: "support@shop.example",
      IMAP_HOST: ["imap.shop.example", "host name"],
      IMAP_PORT: "993",
      IMAP_USER: "support@shop.example",
      IMAP_PASS: "…",
      SMTP_HOST: ["smtp.shop.example", "host name"],
      SMTP_PORT: "465",
      SMTP_USER: "support@shop.example",
      SMTP_PASS: "…",
      MAIL_INBOXES: ["inboxes.yaml", PATH],
      MAIL_ALIASES: [
        "help@shop.example,sales@shop.example",
        "up to 100 addresses, separated by commas",
      ],
      MAIL_AUTHSERV_ID: ["mx.shop.example", "one name"],
      MAIL_TRUSTED_HOPS: "1",
      MAIL_PLUS_ADDRESSING: "on",
      DESKHAND_URGENT_EMAIL: "duty@shop.example",
    },
  },
  {
    title: "Shop",
    about:
      "A service that answers like [the sample shop's OpenAPI document](../packages/sandbox/shop/openapi.yaml): bearer key, `Idempotency-Key` on every write, and a way to look a key up.",
    shown: { SHOP_URL: "https://shop.example/api", SHOP_KEY: "…" },
  },
  {
    title: "Language model",
    about: "Without a key the built-in rehearsal model answers, and real channels only shadow.",
    shown: {
      ...MODEL_SHOWN,
      DESKHAND_VERIFIER_MODEL: "gpt-6-luna",
      DESKHAND_VERIFIER_URL: "https://models.example/v1",
      DESKHAND_VERIFIER_KEY: "…",
      DESKHAND_VERIFIER_PRICE: "0.1,0.01,0.5",
      DESKHAND_VERIFIER_SECONDS: "30",
      DESKHAND_GUARD_OPINION_URL: "https://models.example/v1/moderations",
      DESKHAND_GUARD_OPINION_KEY: "…",
      DESKHAND_GUARD_OPINION_MS: "800",
      EMBEDDINGS: [
        "openai:text-embedding-3-small:512",
        "`builtin`, `off`, or `openai:`, a model and perhaps `:` with its dimensions",
      ],
    },
  },
  {
    title: "Chat",
    about: "Who a visitor is, and which pages may ask: see [chat.md](chat.md).",
    shown: {
      CHAT_IDENTITY_SECRET: ["at-least-32-characters-of-your-own", "at least 32 characters"],
      CHAT_IDENTITY_SECRETS: [
        "at-least-32-characters-the-shop-had-before",
        "at least 32 characters each, separated by spaces",
      ],
      CHAT_IDENTITY_KEYS: ["chat-keys.pem", PATH],
      CHAT_IDENTITY_AUDIENCE: "deskhand",
      CHAT_IDENTITY_ISSUER: "https://shop.example",
      CHAT_IDENTITY_HOURS_MAX: "24",
      CHAT_ORIGINS: [
        "https://shop.example,https://www.shop.example",
        "origins, separated by commas; no *",
      ],
    },
  },
  {
    title: "Addresses",
    about: "Where Deskhand listens and how people reach it. Put a proxy with TLS in front.",
    shown: {
      DESKHAND_PUBLIC_URL: "https://desk.example.com",
      DESKHAND_HOST: ["127.0.0.1", "address of this machine"],
      DESKHAND_PORT: "4747",
      DESKHAND_PROXIES: "1",
    },
  },
  {
    title: "Database, queue and files",
    about:
      "Where everything is kept, and for how long: see [operating.md](operating.md) and [retention.md](retention.md). With a password in it, an address is as secret as that password.",
    shown: {
      DATABASE_URL: [
        "postgresql://deskhand:…@db.example/deskhand",
        "address beginning with postgres:// or postgresql://",
      ],
      REDIS_URL: ["rediss://cache.example:6379", "address beginning with redis:// or rediss://"],
      DESKHAND_DATA: [".deskhand", PATH],
      DESKHAND_ENV_FILE: ["/etc/deskhand/env", PATH],
      DESKHAND_BLOBS: ["/srv/deskhand/mails", "path or address beginning with s3://"],
      S3_ENDPOINT: "https://storage.example",
      S3_REGION: "eu-central-1",
      S3_ACCESS_KEY_ID: "AKIA…",
      S3_SECRET_ACCESS_KEY: "…",
      S3_ENCRYPTION: "aws:kms",
      DESKHAND_KEEP_CONTENT_DAYS: "90",
      DESKHAND_KEEP_AUDIT_MONTHS: "24",
    },
  },
  {
    title: "Processes, health and logs",
    about:
      "For running several processes and watching them: see [operating.md](operating.md), [metrics.md](metrics.md) and [logs-and-traces.md](logs-and-traces.md).",
    shown: {
      DESKHAND_ROLE: "all",
      DESKHAND_LEASE_SECONDS: "30",
      DESKHAND_HEALTH_TOKEN: ["at-least-16-characters", "at least 16 characters"],
      DESKHAND_METRICS_TOKEN: ["at-least-16-characters", "at least 16 characters"],
      DESKHAND_METRICS_PORT: "9464",
      DESKHAND_METRICS_HOST: ["127.0.0.1", "address of this machine"],
      DESKHAND_DRAIN_SECONDS: "5",
      DESKHAND_LOG: "warn",
      DESKHAND_SPANS_FILE: ["/var/log/deskhand/spans.jsonl", PATH],
    },
  },
  {
    title: "Fault tests",
    about: "For `npm run faults` alone; never set them elsewhere.",
    shown: {
      DESKHAND_CRASH_AT: ["effect:done:refund", "name of a point in the code"],
      DESKHAND_CLOCK_SHIFT_SECONDS: "600",
    },
  },
];

/** What the schema says about one variable, as JSON Schema has it; what a function checks is not in there. */
const Described = z.object({
  description: z.string(),
  default: z.union([z.string(), z.number()]).optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Described = z.infer<typeof Described>;

/** Every part with its variables. Throws for a variable without a purpose. */
export function settingsParts(): readonly SettingsPart[] {
  const { properties } = z
    .object({ properties: z.record(z.string(), z.unknown()) })
    .parse(z.toJSONSchema(Schema, { io: "output", unrepresentable: "any" }));
  return PARTS.map(({ title, about, shown }) => {
    const names = Schema.keyof().options.filter((name) => shown[name] !== undefined);
    return {
      title,
      about,
      needed:
        TOGETHER.find((group) => group.needed.some((name) => names.includes(name)))?.needed ?? [],
      settings: inOrder(names, shown).map((name) =>
        settingOf(name, shown[name] ?? "", Described.parse(properties[name])),
      ),
    };
  });
}

/** In the order in which the part names them. */
function inOrder(names: readonly Name[], shown: Part["shown"]): readonly Name[] {
  const order = Object.keys(shown);
  return names.toSorted((one, other) => order.indexOf(one) - order.indexOf(other));
}

function settingOf(name: Name, shown: Shown, described: Described): Setting {
  const [example, form] = typeof shown === "string" ? [shown, formOf(described)] : shown;
  return {
    name,
    purpose: described.description,
    form,
    fallback: described.default === undefined ? null : String(described.default),
    example,
    isSecret: Schema.shape[name].safeParse(example).data instanceof Secret,
  };
}

/** Bounds of a number that only say what a computer can count. */
const COUNTABLE = Number.MAX_SAFE_INTEGER;

function formOf(described: Described): string {
  const { type, format, enum: words, minimum = -COUNTABLE, maximum = COUNTABLE } = described;
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(", ");
  if (format === "uri") return "address beginning with http:// or https://";
  if (format === "email") return "e-mail address";
  if (type === "integer" || type === "number") {
    const number = type === "integer" ? "whole number" : "number";
    return minimum > -COUNTABLE && maximum < COUNTABLE
      ? `${number} from ${minimum} to ${maximum}`
      : number;
  }
  return "text";
}
