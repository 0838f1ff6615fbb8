/** Who the local Zendesk account has and what it starts with. */
import { z } from "zod";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import { Article, Macro, type Membership, type Role, Trigger, type User } from "./account-model.ts";
import { type Desk, stamp } from "./desk.ts";
import { randomBytes } from "node:crypto";
import { CUSTOMERS, TEAM } from "#sandbox/world.ts";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** The user with this address; addresses compare without case. */
export function userByEmail(desk: Desk, email: string): User | undefined {
  const wanted = email.trim().toLowerCase();
  return desk.users.all().find((user) => user.email?.toLowerCase() === wanted);
}

/**
 * Finds by external id or address and updates, or creates an end user. New people are unverified until they prove their
 * address.
 */
export function createOrUpdateUser(
  desk: Desk,
  draft: {
    readonly name?: string | undefined;
    readonly email?: string | undefined;
    readonly external_id?: string | undefined;
    readonly verified?: boolean | undefined;
  },
): User {
  const { name, external_id, verified } = draft;
  const email = draft.email?.trim().toLowerCase();
  const byExternal = desk.users
    .all()
    .find((user) => external_id && user.external_id === external_id);
  const known = byExternal ?? (email === undefined ? undefined : userByEmail(desk, email));
  if (known !== undefined) return desk.save(desk.users, { name, external_id, verified }, known);
  if (!name && !email) throw recordInvalid("name", "Name: cannot be blank", "BlankValue");
  const called = name ?? email?.split("@")[0];
  return desk.save(desk.users, { name: called, email, external_id, verified });
}

// What an account starts with.

/** Fixed ids, so that a fresh sandbox has the same people under the same ids. */
export const GROUP_IDS = {
  bot: 4_200_000_001,
  tier2: 4_200_000_002,
  sensitive: 4_200_000_003,
};

/** People under the names the sandbox calls them by; their numbers are as fixed as those of the groups. */
export const USER_IDS = {
  admin: 4_100_000_001,
  bot: 4_100_000_002,
  dana: 4_100_000_003,
  sam: 4_100_000_004,
  lee: 4_100_000_005,
  lea: 4_100_000_006,
  ann: 4_100_000_101,
  bob: 4_100_000_102,
  cara: 4_100_000_103,
} as const;
/** Name of a seeded person. */
export type PersonName = keyof typeof USER_IDS;

const GROUPS = [
  { id: GROUP_IDS.bot, name: "Deskhand", description: "Conversations the bot looks after" },
  { id: GROUP_IDS.tier2, name: "Tier 2", description: "Questions people answer" },
  { id: GROUP_IDS.sensitive, name: "Sensitive", description: "Legal, threats, data requests" },
] as const;

interface Person {
  readonly who: PersonName;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** The first one is the default group. */
  readonly groups: readonly (keyof typeof GROUP_IDS)[];
  readonly externalId?: string;
  readonly tags?: readonly string[];
}

const STAFF: readonly Person[] = [
  {
    who: "admin",
    name: "Account Owner",
    email: "admin@ourshop.test",
    role: "admin",
    groups: ["tier2"],
  },
  { who: "bot", name: "Deskhand", email: "deskhand@ourshop.test", role: "agent", groups: ["bot"] },
  { who: "dana", ...TEAM.dana, role: "agent", groups: ["tier2", "sensitive"] },
  { who: "sam", ...TEAM.sam, role: "agent", groups: ["tier2"] },
  { who: "lee", ...TEAM.lee, role: "agent", groups: ["tier2", "sensitive"], tags: ["lead"] },
  { who: "lea", ...TEAM.lea, role: "agent", groups: ["tier2", "sensitive"], tags: ["lead"] },
];

/** The customers of the sample shop under the names the sandbox calls them by. */
const CUSTOMER_NAMES = { u123: "ann", u456: "bob", u789: "cara" } as const satisfies Record<
  (typeof CUSTOMERS)[number]["id"],
  PersonName
>;

/** Clients of the two roles an installation has: one that may read everything, one that writes as the bot. */
export const OAUTH_CLIENTS = { reader: "deskhand_reader", writer: "deskhand_writer" } as const;

/** Adds missing sample records, so that every start ends with the same people. */
export function seed(desk: Desk): void {
  desk.write(() => {
    for (const group of GROUPS) if (!desk.groups.get(group.id)) desk.save(desk.groups, group);
    const customers: Person[] = CUSTOMERS.map(({ id, name, email }) => ({
      who: CUSTOMER_NAMES[id],
      name,
      email,
      role: "end-user",
      groups: [],
      externalId: id,
    }));
    for (const person of [...STAFF, ...customers]) seedPerson(desk, person);
    seedSample(desk);
    for (const [role, id] of Object.entries(OAUTH_CLIENTS)) {
      if (desk.clients.get(id)) continue;
      const user = role === "reader" ? USER_IDS.admin : USER_IDS.bot;
      desk.clients.put({ id, secret: randomBytes(24).toString("hex"), user_id: user });
    }
    if (!desk.secrets.get("webhook"))
      desk.secrets.put({ id: "webhook", value: randomBytes(30).toString("base64") });
  });
}

/** A person with memberships and a token that never expires. */
function seedPerson(
  desk: Desk,
  { who, name, email, role, groups, externalId, tags = [] }: Person,
): void {
  const id = USER_IDS[who];
  if (desk.users.get(id)) return;
  const [first] = groups;
  desk.save(desk.users, {
    id,
    name,
    email,
    role,
    default_group_id: first ? GROUP_IDS[first] : null,
    external_id: externalId ?? null,
    verified: true,
    tags: [...tags],
  });
  for (const group of groups) joinGroup(desk, id, GROUP_IDS[group], group === first);
  const scopes = ["read", "write"];
  desk.save(desk.tokens, { id: randomBytes(24).toString("hex"), label: who, user_id: id, scopes });
}

/** Puts an agent into a group. */
export function joinGroup(
  desk: Desk,
  user_id: number,
  group_id: number,
  isDefault: boolean,
): Membership {
  return desk.save(desk.memberships, { user_id, group_id, default: isDefault });
}

// Its articles, macros and automations, from sample.yaml.

/** The languages the help centre is written in; the first is the default. */
export const HELP_LOCALES = ["en-us", "de"] as const;

/** The number of the segment of people who work for the shop. */
export const TEAM_SEGMENT_ID = 4_820_000_001;

const DATES = { created_at: true, updated_at: true } as const;
const Category = z.object({ id: z.number(), names: z.record(z.string(), z.string()) });
const SAMPLE = z
  .object({
    categories: z.array(Category),
    sections: z.array(Category.extend({ category: z.number(), parent: z.number().nullable() })),
    articles: z.array(Article.omit({ ...DATES, position: true, source_locale: true })),
    macros: z.array(Macro.omit({ ...DATES, position: true })),
    automations: z.array(Trigger.omit(DATES)),
  })
  .parse(parse(readFileSync(new URL("sample.yaml", import.meta.url), "utf8")));

/** Categories of the help centre, its sections in the order of their numbers, and the account's automations. */
export const { categories: CATEGORIES, sections: SECTIONS, automations: AUTOMATIONS } = SAMPLE;

/** Inside a write: puts the sample in once; the team may have archived or deleted it all since. */
function seedSample(desk: Desk): void {
  const at = stamp(desk.now());
  const dates = { created_at: at, updated_at: at };
  once(desk, "macros-seeded", () => {
    for (const [index, macro] of SAMPLE.macros.entries())
      desk.macros.put({ ...macro, ...dates, position: index + 1 });
  });
  once(desk, "articles-seeded", () => {
    for (const [position, article] of SAMPLE.articles.entries())
      desk.articles.put({ ...article, ...dates, source_locale: HELP_LOCALES[0], position });
  });
}

function once(desk: Desk, name: string, seed: () => void): void {
  if (desk.secrets.get(name)) return;
  desk.secrets.put({ id: name, value: "yes" });
  seed();
}
