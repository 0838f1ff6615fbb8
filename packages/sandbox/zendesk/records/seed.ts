/** The records the local Zendesk starts with. */
import { randomBytes } from "node:crypto";
import { CUSTOMERS, TEAM } from "#sandbox/world.ts";
import { type Desk, stamp } from "./desk.ts";
import { seedArticles } from "./articles.ts";
import { seedMacros } from "./macros.ts";
import { type Membership, type Role, UNKNOWN_USER } from "./account-model.ts";

/** Fixed ids, so that a fresh sandbox has the same people under the same ids. */
export const GROUP_IDS = {
  bot: 4_200_000_001,
  tier2: 4_200_000_002,
  sensitive: 4_200_000_003,
} as const;

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

/** Empties the tables that grow in use; people, tokens and webhooks stay. */
function clearTraffic(desk: Desk): void {
  for (const table of [desk.tickets, desk.comments, desk.audits, desk.ratings, desk.suspended]) {
    for (const row of table.all()) table.remove(row.id);
  }
  for (const replay of desk.replays.all()) desk.replays.remove(replay.id);
}

/** Removes every ticket. Ticket numbers are not used again, because a bot may remember the old ones. */
export function resetTraffic(desk: Desk): void {
  desk.write(() => clearTraffic(desk));
}

/** Adds missing sample records, so that every start ends with the same people. */
export function seed(desk: Desk): void {
  desk.write(() => {
    const created = stamp(desk.now());
    for (const group of GROUPS)
      if (!desk.groups.get(group.id)) desk.groups.put({ ...group, created_at: created });
    const customers: Person[] = CUSTOMERS.map((customer) => ({
      who: CUSTOMER_NAMES[customer.id],
      name: customer.name,
      email: customer.email,
      role: "end-user",
      groups: [],
      externalId: customer.id,
    }));
    for (const person of [...STAFF, ...customers]) seedPerson(desk, person, created);
    seedMacros(desk, USER_IDS.dana);
    seedArticles(desk);
    for (const [role, id] of Object.entries(OAUTH_CLIENTS)) {
      if (desk.clients.get(id)) continue;
      const user = role === "reader" ? USER_IDS.admin : USER_IDS.bot;
      desk.clients.put({ id, secret: randomBytes(24).toString("hex"), user_id: user });
    }
    if (!desk.secrets.get("webhook")) {
      desk.secrets.put({ id: "webhook", value: randomBytes(30).toString("base64") });
    }
  });
}

function seedPerson(desk: Desk, person: Person, created: string): void {
  const id = USER_IDS[person.who];
  if (desk.users.get(id)) return;
  const [first] = person.groups;
  desk.users.put({
    ...UNKNOWN_USER,
    id,
    name: person.name,
    email: person.email,
    role: person.role,
    default_group_id: first ? GROUP_IDS[first] : null,
    external_id: person.externalId ?? null,
    verified: true,
    tags: [...(person.tags ?? [])],
    created_at: created,
    updated_at: created,
  });
  for (const group of person.groups) joinGroup(desk, id, GROUP_IDS[group], group === first);
  issueToken(desk, id, person.who);
}

/** Inside a write: puts an agent into a group. */
export function joinGroup(
  desk: Desk,
  user_id: number,
  group_id: number,
  isDefault: boolean,
): Membership {
  const membership = {
    id: desk.nextId("record"),
    user_id,
    group_id,
    default: isDefault,
    created_at: stamp(desk.now()),
  };
  desk.memberships.put(membership);
  return membership;
}

/** Inside a write: a token that never expires. */
function issueToken(desk: Desk, user_id: number, label: string): string {
  const id = randomBytes(24).toString("hex");
  desk.tokens.put({
    id,
    label,
    user_id,
    client_id: null,
    scopes: ["read", "write"],
    expires_at_ms: null,
    refresh: null,
    refresh_expires_at_ms: null,
  });
  return id;
}
