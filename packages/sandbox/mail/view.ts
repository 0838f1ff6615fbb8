/** Mails as a person or a test reads them: decoded text, plain addresses, headers by name, grouped into threads. */

import { createRequire } from "node:module";
import { z } from "zod";
import { arrivalOf, canonicalAddress, isSupport, type People } from "./people.ts";
import type { SupportMailbox } from "./imap.ts";

const VIEWS_MAX = 2000;

/** One mail of a mailbox. */
interface MailView {
  /** The file name, unique in its mailbox. */
  readonly id: string;
  /** Bare addresses, comma-separated when there are several; display names are in `headers`. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** When the mail says it was written, else when it came (ISO 8601). */
  readonly date: string;
  readonly text: string;
  readonly html?: string;
  /** Attached files; their content is in the source only. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Lower-case names; a header that stands several times is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** With its angle brackets; empty when the mail has none. */
  readonly messageId: string;
}

const Addresses = z.object({ value: z.array(z.object({ address: z.string().optional() })) });
const ParsedMail = z.object({
  from: Addresses.optional().catch(undefined),
  to: z
    .union([Addresses, z.array(Addresses)])
    .optional()
    .catch(undefined),
  subject: z.string().optional(),
  date: z.date().optional().catch(undefined),
  text: z.string().optional(),
  html: z.union([z.string(), z.literal(false)]).optional(),
  messageId: z.string().optional(),
  attachments: z
    .array(z.object({ filename: z.string().optional(), size: z.number() }))
    .optional()
    .catch(undefined),
  headerLines: z.array(z.object({ key: z.string(), line: z.string() })),
});
type ParsedMail = z.infer<typeof ParsedMail>;

const require = createRequire(import.meta.url);
const parser: {
  simpleParser(raw: Buffer, options: Record<string, boolean>): Promise<unknown>;
} = require("mailparser");

function addressList(
  field: z.infer<typeof Addresses> | z.infer<typeof Addresses>[] | undefined,
): string {
  const lists = field === undefined ? [] : [field].flat();
  return lists.flatMap((list) => list.value.flatMap(({ address }) => address ?? [])).join(", ");
}

function headersOf(lines: ParsedMail["headerLines"]): MailView["headers"] {
  const headers: Record<string, string | string[]> = {};
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(":") + 1)
      .replace(/\r?\n[ \t]+/gu, " ")
      .trim();
    const earlier = Object.hasOwn(headers, key) ? headers[key] : undefined;
    const next = earlier === undefined ? value : [earlier, value].flat();
    Object.defineProperty(headers, key, {
      value: next,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return headers;
}

/** A mail no parser can read is shown as it came, since hiding it would look like losing it. */
function unreadable(id: string, raw: Buffer, arrived: Date): MailView {
  const text = raw.subarray(0, 20_000).toString("latin1");
  return {
    id,
    from: "",
    to: "",
    subject: "(unreadable)",
    date: arrived.toISOString(),
    text,
    files: [],
    headers: {},
    messageId: "",
  };
}

/** Reads one mail; never rejects. HTML is passed on as it is and never turned into text, which is slow on hostile input. */
async function viewMail(id: string, raw: Buffer, arrived: Date): Promise<MailView> {
  try {
    const options = {
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipTextLinks: true,
      skipImageLinks: true,
    };
    const mail = ParsedMail.parse(await parser.simpleParser(raw, options));
    return {
      id,
      from: addressList(mail.from),
      to: addressList(mail.to),
      subject: mail.subject ?? "",
      date: (mail.date ?? arrived).toISOString(),
      text: mail.text ?? "",
      ...(typeof mail.html === "string" ? { html: mail.html } : {}),
      files: (mail.attachments ?? []).map(({ filename, size }) => ({
        name: filename ?? "file without a name",
        bytes: size,
      })),
      headers: headersOf(mail.headerLines),
      messageId: mail.messageId ?? "",
    };
  } catch {
    return unreadable(id, raw, arrived);
  }
}

/** Remembers views, because the page asks for the same mails every other second. */
function createViewCache(): (key: string, make: () => Promise<MailView>) => Promise<MailView> {
  const views = new Map<string, Promise<MailView>>();
  return (key, make) => {
    const known = views.get(key);
    if (known !== undefined) return known;
    const oldest = views.size >= VIEWS_MAX ? views.keys().next().value : undefined;
    if (oldest !== undefined) views.delete(oldest);
    const made = make();
    views.set(key, made);
    return made;
  };
}

// Threads, by the ids mails name each other with.

/** A mail in a thread, and whether the mailbox's owner wrote or received it. */
interface ThreadMail extends MailView {
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
function groupThreads(mails: readonly ThreadMail[]): Thread[] {
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

// Mailboxes by address: the people's, and the support inbox.

type Side = "received" | "sent";

/** Reading by address; an address without a mailbox has no mail. */
export interface MailReader {
  /** In order of arrival, newest last. */
  views(address: string, side: Side): Promise<MailView[]>;
  /** What this address wrote and received, the newest thread first. */
  threads(address: string): Promise<readonly Thread[]>;
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
  const views = (address: string, side: Side): Promise<MailView[]> =>
    Promise.all(
      list(address, side).map((file) =>
        cached(`${side} ${canonicalAddress(address)} ${file}`, () =>
          viewMail(file, read(address, side, file), arrivalOf(file)),
        ),
      ),
    );
  return {
    views,
    async threads(address) {
      const [sent, received] = await Promise.all([
        views(address, "sent"),
        views(address, "received"),
      ]);
      return groupThreads([
        ...sent.map((mail) => ({ ...mail, direction: "sent" as const })),
        ...received.map((mail) => ({ ...mail, direction: "received" as const })),
      ]);
    },
    raw: (address, id) =>
      list(address, "received").includes(id) ? read(address, "received", id) : undefined,
  };
}
