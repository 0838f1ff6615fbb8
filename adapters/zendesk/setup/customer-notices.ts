/** The trigger that brings replies to customers: without it replies are written but not delivered. */
import { reasonOf } from "#core/values/errors.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { accountLists, type TriggerRow } from "./account.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";

/** A ticket with this tag was opened for a conversation that is answered where it began. */
const LINKED_TAG = "deskhand_linked";

/** State of the triggers that mail comments to the requester. */
type Notices =
  | { readonly state: "none" }
  /** This one mails a second copy of what is answered elsewhere. */
  | { readonly state: "twice"; readonly title: string }
  | { readonly state: "good"; readonly title: string };

/** Titles may be translated or changed, so a trigger is known by what it does: it mails the requester on a change. */
export function noticesOf(triggers: readonly TriggerRow[]): Notices {
  const mailing = triggers.filter((one) => one.active && mailsRequester(one) && isForChanges(one));
  const twice = mailing.find((one) => !skipsLinkedTickets(one));
  if (twice !== undefined) return { state: "twice", title: twice.title };
  const [good] = mailing;
  return good === undefined ? { state: "none" } : { state: "good", title: good.title };
}

function mailsRequester({ actions }: TriggerRow): boolean {
  return actions.some(({ field, value }) => {
    const [to]: unknown[] = Array.isArray(value) ? value : [value];
    return field === "notification_user" && /^requester_(?:id|and_ccs)$/.test(String(to));
  });
}

/** True for a trigger on public comments that is not limited to new tickets. */
function isForChanges({ conditions }: TriggerRow): boolean {
  const all = conditions.all ?? [];
  const created = all.some(({ field, value }) => field === "update_type" && value === "Create");
  const comment = all.some(
    ({ field, value }) => field === "comment_is_public" && String(value) !== "false",
  );
  return comment && !created;
}

function skipsLinkedTickets({ conditions }: TriggerRow): boolean {
  return (conditions.all ?? []).some(
    ({ field, operator, value }) =>
      field === "current_tags" &&
      operator === "not_includes" &&
      String(value)
        .split(/[\s,]+/)
        .includes(LINKED_TAG),
  );
}

/** Whether replies reach customers by mail, and each once. Never throws. */
export async function noticeFinding(client: ZendeskClient, signal: AbortSignal): Promise<Finding> {
  const found = { part: "zendesk", check: "mail to customers" } as const;
  try {
    const notices = noticesOf(await accountLists(client, signal).triggers());
    if (notices.state === "good")
      return { ...found, state: "ok", found: `“${notices.title}”`, remedy: null };
    const words =
      notices.state === "none"
        ? "no trigger mails a public comment to the requester"
        : `“${notices.title}” mails linked tickets a second time`;
    const remedy = "docs/zendesk.md, Notification triggers";
    return { ...found, state: "warning", found: words, remedy };
  } catch (error) {
    const remedy = "needs the scope `read`";
    return { ...found, state: "unknown", found: reasonOf(error), remedy };
  }
}
