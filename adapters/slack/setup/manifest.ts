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

/** Where Slack makes a new app from a manifest; the manifest follows. */
const NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml=";

/** The events the app is told of, for the desk and for customers who ask in Slack. */
const EVENTS = [
  "app_home_opened",
  "app_mention",
  "message.channels",
  "message.groups",
  "message.im",
];

/** The app's manifest, as docs/slack.md explains it. */
function appManifest(): string {
  return `display_information:
  name: Deskhand
  description: Answers customers, and asks before it acts
features:
  bot_user:
    display_name: Deskhand
    always_online: true
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  slash_commands:
    - command: /deskhand
      description: Find, ask, pause, resume
      usage_hint: help
      should_escape: false
oauth_config:
  scopes:
    bot:
${yamlList(Object.keys(SCOPES).toSorted())}
settings:
  event_subscriptions:
    bot_events:
${yamlList(EVENTS)}
  interactivity:
    is_enabled: true
  org_deploy_enabled: false
  socket_mode_enabled: true
  token_rotation_enabled: false
`;
}

/** The page that shows this manifest, ready to be confirmed. */
export function appLink(): string {
  return `${NEW_APP}${encodeURIComponent(appManifest())}`;
}

function yamlList(items: readonly string[]): string {
  return items.map((item) => `      - ${item}`).join("\n");
}
