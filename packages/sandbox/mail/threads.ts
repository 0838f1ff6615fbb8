/** Groups a person's mails into threads, by the ids mails name each other with. */

import { arrivalOf } from "./eml-folder.ts";
import type { MailView } from "./view.ts";

/** A mail in a thread, and whether the mailbox's owner wrote or received it. */
export interface ThreadMail extends MailView {
  readonly direction: "sent" | "received";
}

/** Mails that belong together, oldest first. */
export interface Thread {
  readonly subject: string;
  readonly mails: readonly ThreadMail[];
}

function idsOf(mail: MailView): string[] {
  const named = [mail.headers["in-reply-to"], mail.headers["references"]].flat().join(" ");
  return [mail.messageId, ...(named.match(/<[^<>\s]+>/gu) ?? [])].filter((id) => id !== "");
}

// By arrival, since a Date header is whatever its writer says and knows whole seconds only.
function byArrival(left: ThreadMail | undefined, right: ThreadMail | undefined): number {
  return arrivalOf(left?.id ?? "").getTime() - arrivalOf(right?.id ?? "").getTime();
}

/** Threads with the newest mail first; a mail that joins two threads makes them one. */
export function groupThreads(mails: readonly ThreadMail[]): Thread[] {
  let groups: { ids: Set<string>; mails: ThreadMail[] }[] = [];
  for (const mail of mails.toSorted(byArrival)) {
    const ids = idsOf(mail);
    const joined = groups.filter((group) => ids.some((id) => group.ids.has(id)));
    const merged = {
      ids: new Set([...joined.flatMap((group) => [...group.ids]), ...ids]),
      mails: [...joined.flatMap((group) => group.mails), mail].toSorted(byArrival),
    };
    groups = [...groups.filter((group) => !joined.includes(group)), merged];
  }
  return groups
    .map((group) => ({ subject: group.mails[0]?.subject ?? "", mails: group.mails }))
    .toSorted((left, right) => byArrival(right.mails.at(-1), left.mails.at(-1)));
}
