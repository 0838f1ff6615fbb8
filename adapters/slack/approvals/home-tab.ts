/** The app's Home tab: how much waits, and the way to the inbox. */

import type { types } from "@slack/bolt";
import { momentText } from "#core/values/moment.ts";
import type { DeskOverview } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { linkButton, note, plainText, section, webLink } from "#slack/api/text.ts";
import { Done } from "#slack/api/web-api.ts";
import { type ClaimedPerson, deskTeammate } from "#slack/api/workspace.ts";
import type { CommandParts } from "./slash-commands.ts";

const LINE_MAX = 300;

/** The page for a person without a role: what this is, and no data. */
const WITHOUT_ROLE: readonly types.KnownBlock[] = [
  section(
    "Deskhand helps the support team with customers' questions. This page shows the team what waits for a decision.",
  ),
  note("You have no role in Deskhand's policy. If you should have one, ask a lead."),
];

function figures({
  at,
  zone,
  paused,
  waiting,
  untaken,
  link,
}: DeskOverview): readonly types.KnownBlock[] {
  const address = webLink(link);
  return [
    section(paused === "" ? "▶️ Running" : `⏸️ ${paused}`, LINE_MAX),
    section(`Waiting for a decision: *${waiting}*\nWith people, not taken yet: *${untaken}*`),
    ...(address === null
      ? []
      : [{ type: "actions" as const, elements: [linkButton("Open the inbox", address, "inbox")] }]),
    note(
      `As of ${momentText(at, zone)}, times in ${zone}. Open this tab again for newer figures. “/deskhand help” shows what can be typed.`,
    ),
  ];
}

/** Shows one person their Home tab. It only displays data, so a failure changes nothing: the next opening shows it. */
export async function showHome(
  { handler, call, workspace, log }: CommandParts,
  person: ClaimedPerson,
): Promise<void> {
  try {
    const teammate = await deskTeammate(person, workspace);
    const overview = teammate.eligible ? await handler.overview(teammate) : null;
    const header = { type: "header" as const, text: plainText("Deskhand") };
    const blocks = [header, ...(overview === null ? WITHOUT_ROLE : figures(overview))];
    const view = { type: "home", blocks };
    await call("patient", "views.publish", { user_id: person.userId, view }, Done);
  } catch (error) {
    log.warn("slack refused to show a home tab", { reason: reasonOf(error) });
  }
}
