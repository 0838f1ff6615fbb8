/** People, rules, prepared texts and access of the local Zendesk account; a restart parses every line of the journal with these schemas. */
import { z } from "zod";

/** What a user may do: `admin` everything, `agent` all about tickets, `end-user` their own requests. */
export const Role = z.enum(["admin", "agent", "end-user"]);
export type Role = z.infer<typeof Role>;

/** A user of the account, staff or customer; `verified` says that the address was proven. */
export const User = z.object({
  id: z.number(),
  name: z.string(),
  email: z.string().nullable(),
  role: Role,
  default_group_id: z.number().nullable(),
  external_id: z.string().nullable(),
  verified: z.boolean(),
  suspended: z.boolean(),
  /** True for light agents, whose comments only the team sees. */
  only_private_comments: z.boolean().default(false),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
});
export type User = z.infer<typeof User>;

/** A user of whom nothing is known. */
export const UNKNOWN_USER: User = {
  id: 0,
  name: "",
  email: null,
  role: "end-user",
  default_group_id: null,
  external_id: null,
  verified: false,
  suspended: false,
  only_private_comments: false,
  tags: [],
  created_at: "",
  updated_at: "",
};

/** A team a ticket can be given to. */
export const Group = z.object({
  id: z.number(),
  name: z.string(),
  description: z.string(),
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

/** An endpoint that receives the events it subscribed to, each request signed with `secret`. */
export const Webhook = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  endpoint: z.string(),
  http_method: z.string(),
  request_format: z.string(),
  status: z.enum(["active", "inactive"]),
  subscriptions: z.array(z.string()),
  custom_headers: z.record(z.string(), z.string()),
  secret: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

const Condition = z.object({
  field: z.string(),
  operator: z.string().nullable(),
  value: z.unknown(),
});

/** A rule an admin made; those every account has are in `triggers.ts`. */
export const Trigger = z.object({
  id: z.number(),
  title: z.string(),
  description: z.string().nullable(),
  active: z.boolean(),
  position: z.number(),
  conditions: z.object({ all: z.array(Condition), any: z.array(Condition) }),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Trigger = z.infer<typeof Trigger>;

/** A field of tickets that an admin added. */
export const TicketField = z.object({
  id: z.number(),
  type: z.enum(["text", "textarea", "checkbox", "integer", "decimal", "date", "regexp"]),
  title: z.string(),
  description: z.string(),
  agent_description: z.string().nullable(),
  active: z.boolean(),
  position: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type TicketField = z.infer<typeof TicketField>;

/** One action of a macro. Its value is a text, or a list of channel and text. */
export const MacroAction = z.object({
  field: z.string(),
  value: z.union([z.string(), z.array(z.string())]),
});

/** For one agent, or for groups; null is for all of the team. */
export const MacroRestriction = z.object({
  type: z.enum(["User", "Group"]),
  id: z.number(),
  ids: z.array(z.number()).optional(),
});

/** An answer the team has worded beforehand, with what using it does to a ticket. */
export const Macro = z.object({
  id: z.number(),
  title: z.string(),
  description: z.string().nullable(),
  active: z.boolean(),
  position: z.number(),
  actions: z.array(MacroAction),
  restriction: MacroRestriction.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Macro = z.infer<typeof Macro>;

/** An article in one language. */
export const Translation = z.object({
  id: z.number(),
  locale: z.string(),
  title: z.string(),
  /** HTML. */
  body: z.string(),
  draft: z.boolean(),
  outdated: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Translation = z.infer<typeof Translation>;

/** An article with all its languages. */
export const Article = z.object({
  id: z.number(),
  section_id: z.number(),
  source_locale: z.string(),
  label_names: z.array(z.string()),
  /** The people who may read it; everybody when null. */
  user_segment_id: z.number().nullable(),
  position: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  translations: z.array(Translation),
});
export type Article = z.infer<typeof Article>;

/** A bearer token; the seeded ones never expire, those from OAuth do. */
export const Token = z.object({
  id: z.string(),
  label: z.string(),
  user_id: z.number(),
  client_id: z.string().nullable(),
  scopes: z.array(z.string()),
  /** Milliseconds since 1970, or null for never. */
  expires_at_ms: z.number().nullable(),
  refresh: z.string().nullable(),
  refresh_expires_at_ms: z.number().nullable(),
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
