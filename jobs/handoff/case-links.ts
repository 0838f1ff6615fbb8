/** Where people find a case: its page in the helpdesk, else in the console. */

import { isHelpdesk } from "#core/values/channel-traits.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { CaseHead } from "#store/conversations/conversations.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A link with the words on it. */
export interface CaseLink {
  readonly label: string;
  readonly url: string;
}

const NUMBER = /^\d{1,15}$/;

/** The page where the team works on the case: "Ticket #2", else the console. */
export function caseLink(
  { ticketLink, cardLink }: Pick<JobContext, "ticketLink" | "cardLink">,
  head: Pick<CaseHead, "id" | "channel" | "externalId" | "linkedChannel" | "linkedExternalId">,
): CaseLink {
  const ticket = ticketOf(head);
  const url = ticket === null ? null : ticketLink(ticket);
  return url === null
    ? { label: "Console", url: cardLink(head.id) }
    : { label: `Ticket #${ticket}`, url };
}

/** The number of the case's ticket in the helpdesk: its own, or that of the hand-over; null without one. */
function ticketOf({
  channel,
  externalId,
  linkedChannel,
  linkedExternalId,
}: Pick<CaseHead, "channel" | "externalId" | "linkedChannel" | "linkedExternalId">): string | null {
  const places = [
    [channel, externalId],
    [linkedChannel, linkedExternalId],
  ] as const;
  for (const [place, id] of places) {
    const known = ChannelName.safeParse(place);
    if (known.success && isHelpdesk(known.data) && id !== null && NUMBER.test(id)) return id;
  }
  return null;
}
