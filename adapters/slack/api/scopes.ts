/** The OAuth scopes of the Slack app. */

/**
 * What the app must be allowed to do in the workspace, as the manifest in docs/slack.md requests it; a test keeps the
 * two in step. `for` says what fails without it (Slack's scopes reference).
 */
export const SCOPES = {
  "chat:write": { who: "desk", for: "cards, alerts and answers" },
  "files:write": { who: "desk", for: "the full text of a card that does not fit into a message" },
  commands: { who: "desk", for: "`/deskhand`" },
  "users:read": { who: "desk", for: "checking at each click who it is" },
  "users:read.email": { who: "desk", for: "knowing teammates and customers by their address" },
  "channels:read": { who: "desk", for: "seeing whether another company reads along" },
  "groups:read": { who: "desk", for: "the same in private channels" },
  "channels:history": { who: "desk", for: "finding a card again after a lost answer" },
  "groups:history": { who: "desk", for: "the same in private channels" },
  "im:write": { who: "desk", for: "telling one person alone" },
  "im:history": {
    who: "desk",
    for: "telling leads the figures once, and questions in direct messages",
  },
  "im:read": { who: "customers", for: "questions in direct messages" },
  "usergroups:read": { who: "groups", for: "roles that the policy gives to user groups" },
  "app_mentions:read": { who: "customers", for: "questions by mention" },
} as const satisfies Readonly<
  Record<string, { readonly who: "desk" | "customers" | "groups"; readonly for: string }>
>;
