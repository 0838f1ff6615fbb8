/** What a Slack user record says about a person. */

import type { SlackUser } from "./schema.ts";

/** The name people see. */
export function nameOf(user: SlackUser): string {
  return (
    [user.profile?.real_name, user.real_name, user.profile?.display_name, user.name].find(
      (name) => name != null && name.trim() !== "",
    ) ?? user.id
  );
}

/** Single- and multi-channel guests (users.info reference). */
export function isGuest(user: SlackUser): boolean {
  return user.is_restricted === true || user.is_ultra_restricted === true;
}

/** A member of another workspace. Without a team id a user counts neither as ours nor as from outside. */
export function isFromOutside(user: SlackUser, home: string): boolean {
  return user.is_stranger === true || (user.team_id != null && user.team_id !== home);
}

/** No bot, no guest, no deactivated member. */
export function isActivePerson(user: SlackUser): boolean {
  return user.id !== "USLACKBOT" && user.deleted !== true && user.is_bot !== true && !isGuest(user);
}

/** An active person of the workspace itself. */
export function isOwnMember(user: SlackUser, home: string): boolean {
  return user.team_id === home && user.is_stranger !== true && isActivePerson(user);
}
