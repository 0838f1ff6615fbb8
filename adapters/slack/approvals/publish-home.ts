/** Publishes the Home tab for one person. */

import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, type Call } from "#slack/api/web-api.ts";
import { type CaseSaid, renderHome, homeWithoutRole } from "./home-tab.ts";
import { webLink } from "./links.ts";
import type { ClaimedPerson } from "./parse-interaction.ts";
import { teammateOf } from "./teammates.ts";
import type { Workspace } from "#slack/api/workspace.ts";

/**
 * Shows one person their Home tab. It only displays data, so a failure changes nothing: the next opening shows it. A
 * person who cannot be looked up sees no data. `said` is what a click of theirs on it has just done.
 */
export async function showHome(
  parts: {
    readonly handler: DeskHandler;
    readonly call: Call;
    readonly workspace: Workspace;
    readonly log: Log;
  },
  person: ClaimedPerson,
  said: CaseSaid | null = null,
): Promise<void> {
  const { handler, call, workspace, log } = parts;
  try {
    const teammate = await teammateOf(person, workspace);
    const overview = teammate.eligible ? await handler.overview(teammate) : null;
    const { url } = await workspace.self();
    const view =
      overview === null
        ? homeWithoutRole()
        : renderHome(overview, ({ ref, link }) => messageLink(url, ref) ?? webLink(link), said);
    await call("patient", "views.publish", { user_id: person.userId, view }, Done);
  } catch (error) {
    log.warn("slack refused to show a home tab", { reason: reasonOf(error) });
  }
}

/** A message's permalink consists of the workspace's address, the channel and the timestamp without its point. */
function messageLink(workspaceUrl: string | null, ref: string | null): string | null {
  const [channel, ts] = ref?.split(":") ?? [];
  if (workspaceUrl === null || channel === undefined || ts === undefined) return null;
  return webLink(new URL(`archives/${channel}/p${ts.replace(".", "")}`, workspaceUrl).href);
}
