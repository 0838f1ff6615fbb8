/** Reads mailboxes for the page: the people's, and the support inbox by its address. */

import { arrivalOf } from "./eml-folder.ts";
import type { SupportMailbox } from "./imap.ts";
import { canonicalAddress, isSupport, type People } from "./people.ts";
import { createViewCache, viewMail, type MailView } from "./view.ts";

type Side = "received" | "sent";

/** Reading by address; an address without a mailbox has no mail. */
export interface MailReader {
  /** In order of arrival, newest last. */
  views(address: string, side: Side): Promise<MailView[]>;
  /** The bytes of a received mail. */
  raw(address: string, id: string): Buffer | undefined;
}

/** Reads both kinds of mailbox. */
export function createMailReader(mailbox: SupportMailbox, people: People): MailReader {
  const cached = createViewCache();
  const list = (address: string, side: Side): string[] => {
    if (side === "received" && isSupport(address)) return mailbox.inbox();
    return people.find(address)?.[side].list() ?? [];
  };
  const read = (address: string, side: Side, file: string): Buffer => {
    if (side === "received" && isSupport(address)) return mailbox.read(file);
    return people.open(address)[side].read(file);
  };
  return {
    views: (address, side) =>
      Promise.all(
        list(address, side).map((file) =>
          cached(`${side} ${canonicalAddress(address)} ${file}`, () =>
            viewMail(file, read(address, side, file), arrivalOf(file)),
          ),
        ),
      ),
    raw: (address, id) =>
      list(address, "received").includes(id) ? read(address, "received", id) : undefined,
  };
}
