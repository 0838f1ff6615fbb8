/** Control routes for rules and agents' work. */
import { randomBytes } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import { withBody } from "./with-body.ts";
import { makePrivate, redact } from "#sandbox/zendesk/behaviour/comment-changes.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { createUser } from "#sandbox/zendesk/records/people.ts";
import { assignByRule, routeGroup } from "#sandbox/zendesk/behaviour/routing.ts";
import { GROUP_IDS } from "#sandbox/zendesk/records/seed.ts";

const RoutingInput = z.strictObject({ group: z.number().int(), agent: z.number().int() });
const RuleAssignmentInput = z.strictObject({
  ticketId: z.number().int(),
  assignee: z.number().int().nullable(),
  group: z.number().int().nullable(),
  title: z.string().default("Assign what waits"),
});
const RedactionInput = z.strictObject({ commentId: z.number().int(), words: z.string().min(1) });
const PrivacyInput = z.strictObject({ commentId: z.number().int() });
const AgentInput = z.strictObject({ name: z.string(), email: z.string() });

/** Further switches of the sandbox: what rules do, what admins do to comments, and agents that are programs. */
export function ruleAndAgentControls(desk: Desk): Router {
  const router = Router();
  router.post(
    "/routing",
    withBody(RoutingInput, (input, response) => {
      response.json({ tickets: routeGroup(desk, input) });
    }),
  );
  router.post(
    "/rule-assigns",
    withBody(RuleAssignmentInput, (input, response) => {
      const { ticketId, assignee, group, title } = input;
      const change = { assignee_id: assignee, group_id: group };
      assignByRule(desk, ticketId, change, { id: 4_600_000_012, title });
      response.status(204).end();
    }),
  );
  router.post(
    "/redact",
    withBody(RedactionInput, (input, response) => {
      redact(desk, input.commentId, input.words);
      response.status(204).end();
    }),
  );
  router.post(
    "/make-private",
    withBody(PrivacyInput, (input, response) => {
      makePrivate(desk, input.commentId);
      response.status(204).end();
    }),
  );
  router.post(
    "/agents",
    withBody(AgentInput, (input, response) => {
      response.status(201).json(createAgent(desk, input));
    }),
  );
  return router;
}

/** An agent of Tier 2 with a token that never expires, such as an integration's. */
function createAgent(
  desk: Desk,
  draft: z.infer<typeof AgentInput>,
): { user_id: number; token: string } {
  return desk.write(() => {
    const user = { ...createUser(desk, draft), role: "agent" as const, verified: true };
    desk.users.put({ ...user, default_group_id: GROUP_IDS.tier2 });
    desk.memberships.put({
      id: desk.nextId("record"),
      user_id: user.id,
      group_id: GROUP_IDS.tier2,
      default: true,
      created_at: user.created_at,
    });
    const token = randomBytes(24).toString("hex");
    desk.tokens.put({
      id: token,
      label: draft.email,
      user_id: user.id,
      client_id: null,
      scopes: ["read", "write"],
      expires_at_ms: null,
      refresh: null,
      refresh_expires_at_ms: null,
    });
    return { user_id: user.id, token };
  });
}
