/** Endpoints of the local Zendesk for what the team sets up: triggers, ticket fields and macros. */
import { z } from "zod";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { TicketField, Trigger, Macro } from "#sandbox/zendesk/records/account-model.ts";
import { type Call, found, listReply, parseBody, pathId, type Reply, type Route } from "./route.ts";
import { noticeTriggers } from "#sandbox/zendesk/behaviour/rules.ts";
import {
  findMacro,
  macroJson,
  MacroInput,
  macrosFor,
  saveMacro,
} from "#sandbox/zendesk/records/macros.ts";

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

/** What an admin sets up. */
export const SET_UP_ROUTES: readonly Route[] = [
  { method: "get", path: "/triggers", allow: "staff", run: listTriggers },
  { method: "post", path: "/triggers", allow: "admin", run: createTrigger },
  { method: "put", path: "/triggers/:id", allow: "admin", run: updateTrigger },
  { method: "get", path: "/ticket_fields", allow: "staff", run: listFields },
  { method: "post", path: "/ticket_fields", allow: "admin", run: createField },
  { method: "get", path: "/ticket_fields/:id", allow: "staff", run: showField },
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

function fieldJson(desk: Desk, field: TicketField): Record<string, unknown> {
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
  const { desk } = call;
  return listReply(call, "triggers", triggersOf(desk), (one) => triggerJson(desk, one));
}

/** The notifications every account begins with, until an admin changes one, and what was made. */
function triggersOf(desk: Desk): readonly Trigger[] {
  const notices = noticeTriggers(stamp(desk.now())).filter(({ id }) => !desk.triggers.get(id));
  return [...notices, ...desk.triggers.all()];
}

function createTrigger(call: Call): Reply {
  const trigger = putTrigger(call, null);
  return { status: 201, body: { trigger: triggerJson(call.desk, trigger) } };
}

function updateTrigger(call: Call): Reply {
  const known = found(triggersOf(call.desk).find(({ id }) => id === pathId(call)));
  return { body: { trigger: triggerJson(call.desk, putTrigger(call, known)) } };
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

function listFields(call: Call): Reply {
  const { desk } = call;
  return listReply(call, "ticket_fields", desk.ticketFields.all(), (one) => fieldJson(desk, one));
}

function showField({ desk, ...call }: Call): Reply {
  return { body: { ticket_field: fieldJson(desk, found(desk.ticketFields.get(pathId(call)))) } };
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

// Macros.

const MacroBody = z.object({ macro: MacroInput });

/** The endpoints for the team's prepared answers. */
export const MACRO_ROUTES: readonly Route[] = [
  { method: "get", path: "/macros", allow: "staff", run: listMacros },
  { method: "post", path: "/macros", allow: "staff", run: createMacro },
  { method: "put", path: "/macros/:id", allow: "staff", run: changeMacro },
  { method: "delete", path: "/macros/:id", allow: "staff", run: removeMacro },
];

function listMacros(call: Call): Reply {
  const active = call.query.get("active");
  const access = call.query.get("access");
  const { user } = call.actor;
  const rows = macrosFor(call.desk, user).filter(({ active: isActive, restriction }) => {
    if (active !== null && isActive !== (active === "true")) return false;
    if (access === "shared") return restriction?.type !== "User";
    return access !== "personal" || (restriction?.type === "User" && restriction.id === user.id);
  });
  return listReply(call, "macros", rows, (macro) => macroJson(call.desk, macro));
}

function createMacro(call: Call): Reply {
  return macroReply(call, saveMacro(call.desk, parseBody(MacroBody, call.body).macro));
}

function changeMacro(call: Call): Reply {
  const known = findMacro(call.desk, call.actor.user, pathId(call));
  return macroReply(call, saveMacro(call.desk, parseBody(MacroBody, call.body).macro, known));
}

function removeMacro(call: Call): Reply {
  const { id } = findMacro(call.desk, call.actor.user, pathId(call));
  call.desk.write(() => call.desk.macros.remove(id));
  return { status: 204 };
}

function macroReply(call: Call, macro: Macro): Reply {
  return { body: { macro: macroJson(call.desk, macro) } };
}
