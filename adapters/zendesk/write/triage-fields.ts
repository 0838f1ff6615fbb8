/** Writes the results of triage into ticket fields. */
import type { Triage } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import type { Ticket } from "#zendesk/api/schema.ts";

/** The parts of a ticket field that decide which values it takes. */
const FieldAnswer = z.object({
  ticket_field: z.object({
    type: z.string(),
    active: z.boolean().nullish(),
    custom_field_options: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  }),
});
type Field = z.output<typeof FieldAnswer>["ticket_field"];

/** Ticket fields to be written with an update; `null` stands for a ticket that is new. */
export type TriageFields = (ticket: Ticket | null) => Readonly<Record<string, unknown>>;

/** Calls for which a field's list of values is cached: it changes rarely, and an old list only omits a value. */
const CACHED_CALLS_MAX = 200;
const TEXT_MAX = 250;

/**
 * Puts intent, language and reason into the fields the operator named, and the priority into Zendesk's own. A list
 * takes only values it has, by value or name: other values are left out, and so is a field that does not exist. A value
 * that is already in a field was put there deliberately, and stays.
 */
export function triageFieldsOf(parts: {
  readonly options: Pick<ZendeskOptions, "fields" | "log">;
  readonly client: ZendeskClient;
}): (given: Triage, signal: AbortSignal) => Promise<TriageFields> {
  const known = new Map<number, { field: Field | null; uses: number }>();

  async function fieldOf(id: number, signal: AbortSignal): Promise<Field | null> {
    const kept = known.get(id);
    if (kept !== undefined && kept.uses < CACHED_CALLS_MAX) {
      kept.uses += 1;
      return kept.field;
    }
    const field = await readField(parts, id, signal);
    known.set(id, { field, uses: 0 });
    return field;
  }

  return async ({ intent, language, reason, priority }, signal) => {
    const values: { readonly id: number; readonly value: string }[] = [];
    for (const [name, text] of Object.entries({ intent, language, reason })) {
      const id = parts.options.fields?.[name === "intent" || name === "language" ? name : "reason"];
      if (id === undefined || text === null) continue;
      const value = valueFor(await fieldOf(id, signal), text);
      if (value !== null) values.push({ id, value });
    }
    return (ticket) => fieldsFor(ticket, values, priority);
  };
}

async function readField(
  { client, options }: Parameters<typeof triageFieldsOf>[0],
  id: number,
  signal: AbortSignal,
): Promise<Field | null> {
  try {
    const answer = await client.find(["ticket_fields", id], FieldAnswer, signal);
    if (answer === null) options.log.warn("a ticket field is not there", { field: id });
    return answer?.ticket_field ?? null;
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    // Teammates wait for the ticket, so an unreadable field must not hold it back.
    options.log.warn("a ticket field cannot be read", { field: id, code: error.code });
    return null;
  }
}

function valueFor(field: Field | null, text: string): string | null {
  if (field === null || field.active === false) return null;
  if (field.type === "text" || field.type === "textarea") return text.slice(0, TEXT_MAX);
  if (field.type !== "tagger") return null;
  const wanted = normalizedName(text);
  const option = field.custom_field_options?.find(
    ({ name, value }) => normalizedName(value) === wanted || normalizedName(name) === wanted,
  );
  return option?.value ?? null;
}

function normalizedName(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_");
}

function fieldsFor(
  ticket: Ticket | null,
  values: readonly { readonly id: number; readonly value: string }[],
  priority: Triage["priority"],
): Readonly<Record<string, unknown>> {
  const filled = new Set(
    (ticket?.custom_fields ?? [])
      .filter(({ value }) => value !== null && value !== undefined && value !== "")
      .map(({ id }) => id),
  );
  const open = values.filter(({ id }) => !filled.has(id));
  const hasPriority = ticket !== null && typeof ticket.priority === "string";
  return {
    ...(open.length === 0 ? {} : { custom_fields: open }),
    ...(priority === null || hasPriority ? {} : { priority }),
  };
}
