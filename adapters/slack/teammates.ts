import type { DeskTeammate } from "#core/desk.ts";
import type { Claimed } from "./interaction.ts";
import { isOwnMember, nameOf } from "./people.ts";
import type { Workspace } from "./workspace.ts";

/** The person as far as Slack can prove them now. Throws when it cannot be asked. */
export async function teammateOf(claimed: Claimed, workspace: Workspace): Promise<DeskTeammate> {
  const home = await workspace.homeTeam();
  const stranger: DeskTeammate = {
    id: claimed.userId,
    name: claimed.name,
    email: null,
    eligible: false,
  };
  if (isForeign(claimed, home)) return stranger;
  const user = await workspace.user(claimed.userId, "quick");
  if (user === null) return stranger;
  return {
    id: user.id,
    name: nameOf(user),
    email: user.profile?.email ?? null,
    eligible: isOwnMember(user, home),
  };
}

/** Slack Connect members and clicks from other workspaces are refused by the payload already, without a look-up. */
export function isForeign({ teams }: Claimed, home: string): boolean {
  return teams.some((team) => team !== home);
}
