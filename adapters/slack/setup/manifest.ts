/**
 * Room: what a workspace needs before the desk works there: the app, and who and which channels are meant by a name.
 * In: the bot token of an app that is being set up.
 * Out: the app's manifest with the link that opens it, members and channels by the names people use.
 * May touch: Slack's Web API, for reading.
 * This file: the manifest for Socket Mode.
 */

import { SCOPES } from "#slack/api/scopes.ts";

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
${listOf(Object.keys(SCOPES).toSorted())}
settings:
  event_subscriptions:
    bot_events:
${listOf(EVENTS)}
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

function listOf(items: readonly string[]): string {
  return items.map((item) => `      - ${item}`).join("\n");
}
