/** Names the missing ticket fields when Zendesk refuses a write because of them. */
import { DeskhandError } from "#core/values/errors.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { TicketFieldsPage } from "#zendesk/api/schema.ts";
import { ZendeskFailure } from "#zendesk/api/http-transport.ts";

/**
 * A write that Zendesk refused because fields have to be filled in first, with the fields' names in place of numbers.
 * Deskhand invents no values for them, so it is for people; anything else is given back as it is.
 */
export async function withFieldNames(
  error: unknown,
  client: ZendeskClient,
  signal: AbortSignal,
): Promise<unknown> {
  const failure = error instanceof DeskhandError ? error.cause : null;
  if (!(failure instanceof ZendeskFailure) || failure.fields.length === 0) return error;
  const titles = await titlesOf(client, signal);
  const names = failure.fields.map((id) => `“${titles.get(id) ?? `field ${id}`}”`);
  return new DeskhandError(
    "channel.refused",
    `Zendesk wants ${names.join(", ")} filled in first, which is for people to do`,
    { cause: failure },
  );
}

/** The numbers alone are better than nothing when the list cannot be read. */
async function titlesOf(
  client: ZendeskClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  try {
    const fields = await client.longWait.list(["ticket_fields"], TicketFieldsPage, signal);
    return new Map(fields.map(({ id, title }) => [id, title]));
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return new Map();
  }
}
