/** People, rules, prepared texts and access of the local Zendesk account; a row is parsed with these schemas when it is made and when a restart reads it. */
import { z } from "zod";

/** What a user may do: `admin` everything, `agent` all about tickets, `end-user` their own requests. */
const Role = z.enum(["admin", "agent", "end-user"]);
export type Role = z.infer<typeof Role>;

/** What every record has that is made once and then changed. */
export const CHANGED_ROW = { id: z.number(), created_at: z.string(), updated_at: z.string() };

/** A user of the account, staff or customer; `verified` says that the address was proven. */
export const User = z.object({
  id: z.number(),
  name: z.string().default(""),
  email: z.string().nullable().default(null),
  role: Role.default("end-user"),
  default_group_id: z.number().nullable().default(null),
  external_id: z.string().nullable().default(null),
  verified: z.boolean().default(false),
  suspended: z.boolean().default(false),
  /** True for light agents, whose comments only the team sees. */
  only_private_comments: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
  created_at: z.string().default(""),
  updated_at: z.string().default(""),
});
export type User = z.infer<typeof User>;

/** A user of whom nothing is known. */
export const UNKNOWN_USER: User = User.parse({ id: 0 });

/** A team a ticket can be given to. */
export const Group = z.object({
  id: z.number(),
  name: z.string(),
  description: z.string(),
  /** False where only its members and admins see its tickets ("private groups"). */
  is_public: z.boolean().default(true),
  created_at: z.string(),
});
export type Group = z.infer<typeof Group>;

/** Who is in which group. The default one is where a ticket goes that is assigned to the agent directly. */
export const Membership = z.object({
  id: z.number(),
  user_id: z.number(),
  group_id: z.number(),
  default: z.boolean(),
  created_at: z.string(),
});
export type Membership = z.infer<typeof Membership>;

/** What an admin says about an endpoint for events. */
export const WebhookInput = z.object({
  name: z.string().min(1),
  endpoint: z.url(),
  http_method: z.enum(["POST", "PUT"]),
  request_format: z.literal("json"),
  status: z.enum(["active", "inactive"]),
  description: z.string().default(""),
  subscriptions: z.array(z.string()).default([]),
  custom_headers: z.record(z.string(), z.string()).default({}),
});

/** An endpoint that receives the events it subscribed to, each request signed with `secret`. */
export const Webhook = WebhookInput.extend({
  id: z.string(),
  secret: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

/** A condition of a trigger. */
const Condition = z.object({
  field: z.string(),
  operator: z.string().nullable().default(null),
  value: z.unknown(),
});

/** A rule of the account. */
export const Trigger = z.object({
  ...CHANGED_ROW,
  title: z.string(),
  description: z.string().nullable().default(null),
  active: z.boolean().default(true),
  position: z.number(),
  conditions: z.object({
    all: z.array(Condition).default([]),
    any: z.array(Condition).default([]),
  }),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
});
export type Trigger = z.infer<typeof Trigger>;

/** What an admin says about a field of tickets. */
export const FieldInput = z.object({
  type: z.enum(["text", "textarea", "checkbox", "integer", "decimal", "date", "regexp"]),
  title: z.string().min(1),
  description: z.string().default(""),
  agent_description: z.string().nullable().default(null),
  active: z.boolean().default(true),
});

/** A field of tickets that an admin added. */
export const TicketField = FieldInput.extend({ ...CHANGED_ROW, position: z.number() });
export type TicketField = z.infer<typeof TicketField>;

/** An answer the team has worded beforehand, with what using it does to a ticket. */
export const Macro = z.object({
  ...CHANGED_ROW,
  title: z.string().default(""),
  description: z.string().nullable().default(null),
  active: z.boolean().default(true),
  position: z.number().default(0),
  /** A value is a text, or a list of channel and text. */
  actions: z
    .array(z.object({ field: z.string(), value: z.union([z.string(), z.array(z.string())]) }))
    .default([]),
  /** For one agent, or for groups; null is for all of the team. */
  restriction: z
    .object({
      type: z.enum(["User", "Group"]),
      id: z.number(),
      ids: z.array(z.number()).optional(),
    })
    .nullable()
    .default(null),
});
export type Macro = z.infer<typeof Macro>;

/** An article in one language. */
export const Translation = z.object({
  locale: z.string(),
  title: z.string().default(""),
  /** HTML. */
  body: z.string().default(""),
  draft: z.boolean().default(false),
  outdated: z.boolean().default(false),
});
export type Translation = z.infer<typeof Translation>;

/** An article with all its languages. */
export const Article = z.object({
  ...CHANGED_ROW,
  section_id: z.number(),
  source_locale: z.string(),
  label_names: z.array(z.string()).default([]),
  /** The people who may read it; everybody when null. */
  user_segment_id: z.number().nullable().default(null),
  position: z.number().default(0),
  translations: z.array(Translation).default([]),
});
export type Article = z.infer<typeof Article>;

/** A bearer token; the seeded ones never expire, those from OAuth do. */
export const Token = z.object({
  id: z.string(),
  label: z.string().default(""),
  user_id: z.number(),
  client_id: z.string().nullable().default(null),
  scopes: z.array(z.string()),
  /** Milliseconds since 1970, or null for never. */
  expires_at_ms: z.number().nullable().default(null),
  refresh: z.string().nullable().default(null),
  refresh_expires_at_ms: z.number().nullable().default(null),
});
export type Token = z.infer<typeof Token>;

/** An OAuth client; a token from its client credentials acts as its user. */
export const OAuthClient = z.object({ id: z.string(), secret: z.string(), user_id: z.number() });
export type OAuthClient = z.infer<typeof OAuthClient>;

/** The last number given out of a kind. */
export const Counter = z.object({ id: z.string(), last: z.number() });

/** A secret that is no token, by name. */
export const Secret = z.object({ id: z.string(), value: z.string() });
export type Secret = z.infer<typeof Secret>;
