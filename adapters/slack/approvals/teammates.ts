/** Proves who a person in Slack is, and answers one person privately. */

import type { ClaimedPerson, Interaction } from "./parse-interaction.ts";
import { isFromOutside, isOwnMember, slackUserName, type Workspace } from "#slack/api/workspace.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, type Call } from "#slack/api/web-api.ts";
import { escapeMarkup } from "#slack/api/text.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/** The person as far as Slack can prove them now. Throws when it cannot be asked. */
export async function deskTeammate(
  claimed: ClaimedPerson,
  workspace: Workspace,
): Promise<DeskTeammate> {
  const home = await workspace.homeTeam();
  const stranger: DeskTeammate = {
    id: claimed.userId,
    name: claimed.name,
    email: null,
    eligible: false,
  };
  if (isForeign(claimed, home)) return { ...stranger, outside: true };
  const user = await workspace.user(claimed.userId, "quick");
  if (user === null) return stranger;
  if (isFromOutside(user, home)) return { ...stranger, outside: true };
  const eligible = isOwnMember(user, home);
  return {
    id: user.id,
    name: slackUserName(user),
    email: user.profile?.email ?? null,
    eligible,
    groups: eligible ? [...(await workspace.groupsOf(user.id))] : [],
  };
}

/** What a person is told whom Slack cannot prove now. */
export const UNCHECKED =
  "Deskhand could not check your role just now. Nothing was changed; try again.";

/** The same, but null when Slack cannot be asked. */
export async function provenTeammate(
  claimed: ClaimedPerson,
  { workspace, log }: { readonly workspace: Workspace; readonly log: Log },
): Promise<DeskTeammate | null> {
  try {
    return await deskTeammate(claimed, workspace);
  } catch (error) {
    log.warn("slack could not be asked who this is", { reason: reasonOf(error) });
    return null;
  }
}

/** The current groups of a person who clicked earlier: none when they are no longer an active member. */
export async function currentGroups(
  userId: string,
  workspace: Workspace,
): Promise<readonly string[]> {
  const user = await workspace.user(userId, "quick");
  if (user === null || !isOwnMember(user, await workspace.homeTeam())) return [];
  return workspace.groupsOf(user.id);
}

/** Slack Connect members and clicks from other workspaces are refused by the payload alone, without a look-up. */
export function isForeign({ teams }: ClaimedPerson, home: string): boolean {
  return teams.some((team) => team !== home);
}

/** Sends a message only this person sees: in the channel, or by direct message if that fails. */
export async function replyEphemerally(
  {
    call,
    workspace,
    log,
  }: { readonly call: Call; readonly workspace: Workspace; readonly log: Log },
  { person, channel }: Pick<Interaction, "person" | "channel">,
  message: string,
): Promise<void> {
  if (message === "") return;
  const text = escapeMarkup(message);
  try {
    if (channel === "") throw new Error("the payload names no channel");
    const parameters = { channel, user: person.userId, text };
    await call("patient", "chat.postEphemeral", parameters, Done);
  } catch {
    try {
      const direct = await workspace.directChannel(person.userId);
      await call("once", "chat.postMessage", { channel: direct, text }, Done);
    } catch (error) {
      // The reply is optional: the recorded decision stands.
      log.warn("slack could not show a teammate the result of a click", {
        reason: reasonOf(error),
      });
    }
  }
}
