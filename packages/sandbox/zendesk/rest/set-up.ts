/** Endpoints of the local Zendesk for its people and for what the team sets up: groups, triggers, ticket fields, macros, apps. */
import { z } from "zod";
import { recordInvalid, invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import {
  FieldInput,
  type Macro,
  type TicketField,
  type Trigger,
} from "#sandbox/zendesk/records/account-model.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { ORGANIZATION } from "#sandbox/zendesk/records/ticket-model.ts";
import { joinGroup, userByEmail } from "#sandbox/zendesk/records/account.ts";
import {
  ANONYMOUS_USER,
  FIXED,
  groupJson,
  identityJson,
  membershipJson,
  shown,
  userJson,
} from "#sandbox/zendesk/records/to-json.ts";
import { automations, noticeTriggers, OWN_STATUSES } from "#sandbox/zendesk/behaviour/rules.ts";
import { type Call, found, get, post, type Route, put } from "./route.ts";
import { installedApp } from "#sandbox/zendesk/pages/agent.ts";

const GroupInput = z.object({
  name: z.string().min(1),
  description: z.string().default(""),
  is_public: z.boolean().default(true),
});
const MembershipInput = z.object({ user_id: z.number().int(), group_id: z.number().int() });

/** Users, groups and memberships. */
const PEOPLE_ROUTES: readonly Route[] = [
  /** The user without an id is the anonymous one, and is answered with 200 like any other. */
  get("/users/me", "anyone", ({ desk, actor: { user } }) => ({
    body: { user: user.id === 0 ? ANONYMOUS_USER : userJson(desk, user) },
  })),
  /** `query` is `email:ADDRESS`. */
  get("/users/search", "staff", (call) => {
    const query = (call.query.get("query") ?? "").replaceAll('"', "");
    const user = userByEmail(call.desk, query.replace(/^email:/u, ""));
    return call.list("users", user === undefined ? [] : [user], userJson);
  }),
  get("/users/show_many", "staff", (call) => {
    const ids = (call.query.get("ids") ?? "").split(",").map(Number);
    const users = ids.flatMap((id) => call.desk.users.get(id) ?? []);
    return call.list("users", users, userJson);
  }),
  get("/users/:id", "staff", (call) => ({
    body: { user: userJson(call.desk, found(call.desk.users.get(call.id()))) },
  })),
  /** An account of this kind knows a user by the address alone. */
  get("/users/:id/identities", "staff", (call) => {
    const user = found(call.desk.users.get(call.id()));
    return call.list("identities", user.email === null ? [] : [user], identityJson);
  }),
  get("/organizations/:id", "staff", ({ desk, ...call }) => {
    const known = found(call.id() === ORGANIZATION.id ? ORGANIZATION : undefined);
    const { sharedTickets: shared_tickets } = desk.settings;
    const more = { ...FIXED["organization"], shared_tickets };
    return { body: { organization: shown(desk, "organizations", known, more) } };
  }),
  get("/groups", "staff", (call) => call.list("groups", call.desk.groups.all(), groupJson)),
  post("/groups", "admin", (call) => {
    const group = call.desk.save(call.desk.groups, call.input("group", GroupInput));
    return { status: 201, body: { group: groupJson(call.desk, group) } };
  }),
  get("/groups/:id", "staff", ({ desk, ...call }) => ({
    body: { group: groupJson(desk, found(desk.groups.get(call.id()))) },
  })),
  get("/groups/:id/memberships", "staff", (call) => {
    const group = call.id();
    const rows = call.desk.memberships.all().filter((row) => row.group_id === group);
    return call.list("group_memberships", rows, membershipJson);
  }),
  /** An agent is in a group once; the first group becomes the default one. */
  post("/group_memberships", "admin", (call) => {
    const { desk } = call;
    const { user_id, group_id } = call.input("group_membership", MembershipInput);
    const user = desk.users.get(user_id);
    if (!user || user.role === "end-user" || !desk.groups.get(group_id))
      throw recordInvalid("base", "User or group: is invalid");
    if (desk.memberships.all().some((row) => row.user_id === user_id && row.group_id === group_id))
      throw recordInvalid("user_id", "User: has already been taken", "DuplicateValue");
    const isFirst = user.default_group_id === null;
    const membership = desk.write(() => {
      if (isFirst) desk.users.put({ ...user, default_group_id: group_id });
      return joinGroup(desk, user_id, group_id, isFirst);
    });
    return { status: 201, body: { group_membership: membershipJson(desk, membership) } };
  }),
];

function triggerJson(desk: Desk, trigger: Trigger): Record<string, unknown> {
  return shown(desk, "triggers", trigger, { ...FIXED["trigger"], raw_title: trigger.title });
}

function fieldJson(desk: Desk, field: TicketField): Record<string, unknown> {
  return shown(desk, "ticket_fields", field, {
    raw_title: field.title,
    raw_description: field.description,
    title_in_portal: field.title,
    raw_title_in_portal: field.title,
    ...FIXED["ticket_field"],
  });
}

/** What an admin sets up. */
const RULE_ROUTES: readonly Route[] = [
  get("/triggers", "staff", (call) =>
    call.list("triggers", noticeTriggers(stamp(call.desk.now())), triggerJson),
  ),
  get("/automations", "staff", (call) => {
    const { desk } = call;
    const rows = automations(desk, stamp(desk.now()));
    return call.list("automations", rows, (_desk, row) =>
      shown(desk, "automations", row, { ...FIXED["automation"], raw_title: row.title }),
    );
  }),
  get("/custom_statuses/:id", "signed-in", (call) => {
    const own = found(OWN_STATUSES.find(({ id }) => id === call.id()));
    const words = {
      end_user_label: own.agent_label,
      raw_agent_label: own.agent_label,
      raw_end_user_label: own.agent_label,
    };
    const at = stamp(call.desk.now());
    const dates = { created_at: at, updated_at: at };
    return { body: { custom_status: { ...FIXED["custom_status"], ...own, ...words, ...dates } } };
  }),
  get("/ticket_fields", "staff", (call) =>
    call.list("ticket_fields", call.desk.ticketFields.all(), fieldJson),
  ),
  post("/ticket_fields", "admin", (call) => {
    const { desk } = call;
    const input = call.input("ticket_field", FieldInput);
    const field = desk.save(desk.ticketFields, { ...input, position: 9_999 });
    return { status: 201, body: { ticket_field: fieldJson(desk, field) } };
  }),
  get("/ticket_fields/:id", "staff", ({ desk, ...call }) => ({
    body: { ticket_field: fieldJson(desk, found(desk.ticketFields.get(call.id()))) },
  })),
];

/** Those this person may see, by title: admins all, agents the shared ones, their groups' and their own. */
function macrosFor({ desk, actor: { user } }: Pick<Call, "desk" | "actor">): Macro[] {
  const own = desk.memberships.all().filter(({ user_id: member }) => member === user.id);
  const groups = new Set(own.map(({ group_id: group }) => group));
  const may = ({ restriction }: Macro): boolean => {
    if (restriction === null || user.role === "admin") return true;
    if (restriction.type === "User") return restriction.id === user.id;
    return (restriction.ids ?? [restriction.id]).some((id) => groups.has(id));
  };
  return desk.macros
    .all()
    .filter(may)
    .toSorted((one, other) => one.title.localeCompare(other.title) || one.id - other.id);
}

function macroJson(desk: Desk, macro: Macro): Record<string, unknown> {
  return shown(desk, "macros", macro, { ...FIXED["macro"], raw_title: macro.title });
}

/** The team's prepared answers. */
const MACRO_ROUTES: readonly Route[] = [
  get("/macros", "staff", (call) => {
    const wanted = call.query.get("active") ?? "";
    const rows = macrosFor(call).filter(({ active }) => wanted === "" || wanted === String(active));
    return call.list("macros", rows, macroJson);
  }),
];

/** People, rules and prepared answers. */
export const SET_UP_ROUTES: readonly Route[] = [...PEOPLE_ROUTES, ...RULE_ROUTES, ...MACRO_ROUTES];

// The Apps API: one private app is uploaded, built and installed, and gives its public key.

const APP_ID = 4_800_001;
const UPLOAD = "4700001";
const JOB = "ba0cb7c0";

/** The app is there once it was uploaded; what it is called is kept. */
const APP_NAME = "app name";
const INSTALLED = "app installed";

const kept = (desk: Desk, id: string): string | null => desk.secrets.get(id)?.value ?? null;
const keep = (desk: Desk, id: string, value: string): void =>
  desk.write(() => desk.secrets.put({ id, value }));

const Archive = z.instanceof(Buffer);
const Build = z.object({ upload_id: z.coerce.string(), name: z.string().optional() });
const Install = z.object({ app_id: z.number(), settings: z.object({ name: z.string() }) });

function build({ desk, parsed }: Call) {
  const { upload_id, name } = parsed(Build);
  if (upload_id !== UPLOAD) throw invalidAttribute("there is no such upload");
  if (name !== undefined) keep(desk, APP_NAME, name);
  return { status: 202, body: { job_id: JOB } };
}

/** What an admin does with a private app. */
export const APP_ROUTES: readonly Route[] = [
  post("/apps/uploads", "admin", ({ body }) => {
    // A form with the file in it, whose bytes are a ZIP archive with the manifest (APPNOTE 4.3.7).
    const bytes = Archive.safeParse(body).data?.toString("latin1") ?? "";
    if (!bytes.includes('name="uploaded_data"') || !bytes.includes("PK\u0003\u0004"))
      throw invalidAttribute("uploaded_data is no archive");
    return { status: 201, body: { id: Number(UPLOAD) } };
  }),
  get("/apps/owned", "admin", ({ desk }) => {
    const name = kept(desk, APP_NAME);
    return { body: { apps: name === null ? [] : [{ id: APP_ID, name }] } };
  }),
  post("/apps", "admin", build),
  put("/apps/:id", "admin", build),
  get("/apps/job_statuses/:id", "admin", () => ({
    body: { status: "completed", message: "", app_id: APP_ID },
  })),
  get("/apps/installations", "admin", ({ desk }) => ({
    body: {
      installations:
        kept(desk, INSTALLED) === null
          ? []
          : [{ id: installedApp(desk).installation, app_id: APP_ID, enabled: true }],
    },
  })),
  post("/apps/installations", "admin", ({ desk, parsed }) => {
    parsed(Install);
    keep(desk, INSTALLED, "yes");
    return { status: 201, body: { id: installedApp(desk).installation, app_id: APP_ID } };
  }),
  get("/apps/:id/public_key.pem", "admin", (call) => {
    found(call.id() === APP_ID ? call.desk : undefined);
    return { text: installedApp(call.desk).publicKey };
  }),
];
