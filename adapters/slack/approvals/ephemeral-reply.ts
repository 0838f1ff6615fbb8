/** Answers one person privately in Slack. */

import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, type Call } from "#slack/api/web-api.ts";
import type { Interaction } from "./parse-interaction.ts";
import { escapeMarkup } from "#slack/api/text.ts";
import type { Workspace } from "#slack/api/workspace.ts";

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
