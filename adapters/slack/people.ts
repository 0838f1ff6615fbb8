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

/** An active person of the workspace itself: no bot, no guest, nobody from outside, nobody who left. */
export function isOwnMember(user: SlackUser, home: string): boolean {
  return (
    user.team_id === home &&
    user.id !== "USLACKBOT" &&
    user.deleted !== true &&
    user.is_bot !== true &&
    user.is_stranger !== true &&
    !isGuest(user)
  );
}
