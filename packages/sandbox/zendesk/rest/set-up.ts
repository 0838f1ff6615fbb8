/** Endpoints of the local Zendesk for triggers, ticket fields, new groups and brands. */
import { z } from "zod";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { requiredFieldJson } from "#sandbox/zendesk/records/required-fields.ts";
import type { TicketField, Trigger } from "#sandbox/zendesk/records/account-model.ts";
import { BRANDS, brandJson } from "#sandbox/zendesk/records/brands.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { noticeTriggers } from "#sandbox/zendesk/behaviour/triggers.ts";
import { groupJson } from "#sandbox/zendesk/records/to-json.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const Condition = z.object({
  field: z.string(),
  operator: z.string().nullish(),
  value: z.unknown(),
});
const TriggerInput = z.object({
  trigger: z.object({
    title: z.string().min(1),
    description: z.string().nullish(),
    active: z.boolean().default(true),
    conditions: z.object({
      all: z.array(Condition).default([]),
      any: z.array(Condition).default([]),
    }),
    actions: z.array(z.object({ field: z.string(), value: z.unknown() })).min(1),
  }),
});
const FieldInput = z.object({
  ticket_field: z.object({
    type: z.enum(["text", "textarea", "checkbox", "integer", "decimal", "date", "regexp"]),
    title: z.string().min(1),
    description: z.string().default(""),
    agent_description: z.string().nullish(),
    active: z.boolean().default(true),
  }),
});
const GroupInput = z.object({
  group: z.object({ name: z.string().min(1), description: z.string().default("") }),
});

/** What an admin sets up. */
export const SET_UP_ROUTES: readonly Route[] = [
  { method: "GET", path: "/triggers", allow: "staff", run: listTriggers },
  { method: "POST", path: "/triggers", allow: "admin", run: createTrigger },
  { method: "PUT", path: "/triggers/:id", allow: "admin", run: updateTrigger },
  { method: "GET", path: "/ticket_fields", allow: "staff", run: listFields },
  { method: "POST", path: "/ticket_fields", allow: "admin", run: createField },
  { method: "GET", path: "/ticket_fields/:id", allow: "staff", run: showField },
  { method: "POST", path: "/groups", allow: "admin", run: createGroup },
  { method: "GET", path: "/brands", allow: "staff", run: listBrands },
];

function triggerJson(desk: Desk, trigger: Trigger): Record<string, unknown> {
  return {
    url: `${desk.url()}/api/v2/triggers/${trigger.id}.json`,
    ...trigger,
    raw_title: trigger.title,
    default: false,
    category_id: "1",
  };
}

function fieldJson(
  desk: Desk,
  field: TicketField,
): { readonly id: number; readonly [name: string]: unknown } {
  return {
    url: `${desk.url()}/api/v2/ticket_fields/${field.id}.json`,
    ...field,
    raw_title: field.title,
    raw_description: field.description,
    title_in_portal: field.title,
    raw_title_in_portal: field.title,
    required: false,
    required_in_portal: false,
    visible_in_portal: false,
    editable_in_portal: false,
    collapsed_for_agents: false,
    regexp_for_validation: null,
    tag: null,
    removable: true,
  };
}

function listTriggers(call: Call): Reply {
  const { desk, page } = call;
  const show = (trigger: Trigger): unknown => triggerJson(desk, trigger);
  return { body: pageOf("triggers", triggersOf(desk), show, page).body };
}

/** The notifications every account begins with, until an admin changes one, and what was made. */
function triggersOf(desk: Desk): readonly Trigger[] {
  const notices = noticeTriggers(stamp(desk.now())).filter(({ id }) => !desk.triggers.get(id));
  return [...notices, ...desk.triggers.all()];
}

function triggerOf(call: Call): Trigger {
  const trigger = triggersOf(call.desk).find(({ id }) => id === pathId(call));
  if (!trigger) throw recordNotFound();
  return trigger;
}

function createTrigger(call: Call): Reply {
  const trigger = putTrigger(call, null);
  return { status: 201, body: { trigger: triggerJson(call.desk, trigger) } };
}

function updateTrigger(call: Call): Reply {
  return { body: { trigger: triggerJson(call.desk, putTrigger(call, triggerOf(call))) } };
}

function putTrigger(call: Call, known: Trigger | null): Trigger {
  const { desk } = call;
  // A change names only what it changes.
  const { trigger: named } = parseBody(z.object({ trigger: z.looseObject({}) }), call.body);
  const { trigger: input } = parseBody(TriggerInput, { trigger: { ...known, ...named } });
  // Zendesk does not take a trigger without a condition.
  if (input.conditions.all.length + input.conditions.any.length === 0)
    throw recordInvalid("base", "Trigger must have at least one condition");
  return desk.write(() => {
    const at = stamp(desk.now());
    const all = input.conditions.all.map(condition);
    const any = input.conditions.any.map(condition);
    const trigger: Trigger = {
      id: known?.id ?? desk.nextId("record"),
      ...input,
      description: input.description ?? null,
      conditions: { all, any },
      actions: input.actions.map(({ field, value }) => ({ field, value })),
      position: known?.position ?? desk.triggers.all().length + 4,
      created_at: known?.created_at ?? at,
      updated_at: at,
    };
    desk.triggers.put(trigger);
    return trigger;
  });
}

function condition(input: z.infer<typeof Condition>): Trigger["conditions"]["all"][number] {
  return { field: input.field, operator: input.operator ?? null, value: input.value };
}

/** Fields an admin made, and those a setting says have to be filled in. */
function fieldsOf({ desk }: Call): readonly { readonly id: number }[] {
  return [
    ...desk.settings.requiredFields.map((field) => requiredFieldJson(desk, field)),
    ...desk.ticketFields.all().map((field) => fieldJson(desk, field)),
  ];
}

function listFields(call: Call): Reply {
  return { body: pageOf("ticket_fields", fieldsOf(call), (field) => field, call.page).body };
}

function showField(call: Call): Reply {
  const field = fieldsOf(call).find(({ id }) => id === pathId(call));
  if (!field) throw recordNotFound();
  return { body: { ticket_field: field } };
}

function createField(call: Call): Reply {
  const { desk } = call;
  const { ticket_field: input } = parseBody(FieldInput, call.body);
  const field = desk.write(() => {
    const at = stamp(desk.now());
    const made: TicketField = {
      id: desk.nextId("record"),
      ...input,
      agent_description: input.agent_description ?? null,
      position: 9_999,
      created_at: at,
      updated_at: at,
    };
    desk.ticketFields.put(made);
    return made;
  });
  return { status: 201, body: { ticket_field: fieldJson(desk, field) } };
}

function createGroup(call: Call): Reply {
  const { desk } = call;
  const { group: input } = parseBody(GroupInput, call.body);
  const group = desk.write(() => {
    const made = { id: desk.nextId("record"), ...input, created_at: stamp(desk.now()) };
    desk.groups.put(made);
    return made;
  });
  return { status: 201, body: { group: groupJson(desk, group) } };
}

function listBrands(call: Call): Reply {
  return {
    body: pageOf("brands", [...BRANDS], (one) => brandJson(call.desk, one), call.page).body,
  };
}
