/** Looks up the agent and group that a hand-over assigns. */
import type { Action } from "#core/values/action.ts";
import { Assignee } from "#core/values/action.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { UsersAnswer } from "#zendesk/api/schema.ts";
import type { Update } from "./updates.ts";

/** The teammate a hand-over is for, as fields of the ticket; none when it is for the group. */
export interface AssigneeUpdate {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Why the named teammate was not assigned; empty when they were, or when none was named. */
  readonly remark: string;
}

const TakerArguments = z.looseObject({ taker: Assignee });

const NO_ASSIGNEE: AssigneeUpdate = { fields: {}, remark: "" };

/** Roles that can be assigned a ticket; an account's custom roles are reported as one of these. */
const AGENT_ROLES = new Set(["agent", "admin"]);

/**
 * Looks up the agent by the address of the teammate who takes a conversation. Zendesk assigns a person only within one
 * of their groups, so the ticket moves to the agent's default group.
 */
export async function assigneeOf(
  client: ZendeskClient,
  action: Action,
  signal: AbortSignal,
): Promise<AssigneeUpdate> {
  const named = TakerArguments.safeParse(action.arguments);
  if (!named.success) return NO_ASSIGNEE;
  const { name, email } = named.data.taker;
  const agent = email === null ? undefined : await agentWith(client, email, signal);
  if (agent === undefined) {
    const remark = `${name} is no agent in Zendesk under this address, so the ticket is with the group, and the note names ${name}.`;
    return { ...NO_ASSIGNEE, remark };
  }
  return { fields: { assignee_id: agent.id, group_id: agent.default_group_id }, remark: "" };
}

async function agentWith(client: ZendeskClient, email: string, signal: AbortSignal) {
  // A quote in the address would end the search term and begin another.
  const query = `email:"${email.replaceAll('"', "")}"`;
  const { users } = await client.longWait.get(["users", "search", { query }], UsersAnswer, signal);
  return users.find(
    (user) =>
      // Compared again here: a search returns more than exact matches.
      user.email?.toLowerCase() === email.toLowerCase() &&
      AGENT_ROLES.has(user.role) &&
      user.suspended !== true &&
      user.only_private_comments !== true &&
      user.default_group_id != null,
  );
}

/** The same update, with the assignee's fields in place of its own. */
export function withAssignee(update: Update, { fields }: AssigneeUpdate): Update {
  const { withoutComment } = update;
  return {
    ...update,
    fields: (state, uploads) => ({ ...update.fields(state, uploads), ...fields }),
    ...(withoutComment === undefined ? {} : { withoutComment: { ...withoutComment, ...fields } }),
  };
}
