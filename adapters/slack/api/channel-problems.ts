/** Explains why a Slack channel cannot take a message. */

import { slackWord } from "./web-api.ts";
import type { Posted } from "./post-once.ts";
import type { Workspace } from "./workspace.ts";

/** Slack's error codes for a channel that takes no message of ours, as text for the team. */
const WORDS: Readonly<Record<string, string>> = {
  is_archived: "it is archived",
  not_in_channel: "the app is not in it",
  channel_not_found: "it is not there, or the app is not in it",
  restricted_action: "the app may not write there",
  restricted_action_read_only_channel: "the app may not write there",
};

/** Posts, or returns why the channel takes nothing. Every error that may pass by itself is thrown. */
export async function postOrProblem(
  workspace: Workspace,
  channel: string,
  post: () => Promise<Posted>,
): Promise<{ readonly posted: Posted } | { readonly why: string }> {
  try {
    const { shared, archived } = await workspace.channel(channel);
    // Customers' text never goes where another company can read it.
    if (shared) return { why: "it is shared with another company" };
    if (archived) return { why: WORDS["is_archived"] ?? "" };
    return { posted: await post() };
  } catch (error) {
    const why = WORDS[slackWord(error) ?? ""];
    if (why === undefined) throw error;
    return { why };
  }
}

/** The channel's readable name; its id where Slack does not return it. */
export async function nameOf(workspace: Workspace, channel: string): Promise<string> {
  try {
    return `#${(await workspace.channel(channel)).name}`;
  } catch {
    return `the channel ${channel}`;
  }
}
