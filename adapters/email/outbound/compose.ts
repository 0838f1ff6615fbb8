/** Composes outgoing mail: replies and notices, as text and HTML. */
import { escapeText } from "entities";
import MailComposer from "nodemailer/lib/mail-composer";
import type { NoticeArguments, ReplyArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { inboxAt, plainAddress, type OwnInbox } from "#email/mime/addresses.ts";
import {
  instanceProof,
  referenceLine,
  replyMessageId,
  subjectTag,
  subjectTagsIn,
  tokenAddress,
  type TokenOptions,
} from "#email/threading/thread-keys.ts";
import { AnswerAddress } from "#email/options.ts";
import { cleanLine } from "#email/mime/headers.ts";

/** Where a mail goes, and by which id it is found again. */
interface MailPlace {
  readonly inbox: string;
  readonly to: string;
  readonly cc: readonly string[];
  /** Without brackets. */
  readonly messageId: string;
  /** What only we can write into the header by which we know our own mail. */
  readonly proof: string;
  /** Where servers report that it does not arrive: it names this very mail, where the provider allows that. */
  readonly returnPath: string;
}

/** A mail to send: all that is known before it is built. */
export interface PreparedMail extends MailPlace {
  /** Stands in its subject, so that an answer is known by it; null when its address can carry more. */
  readonly tag: string | null;
  /** Whether the mail may arrive twice when its sending is uncertain: a reply never, a notice rather than not at all. */
  readonly whenInDoubt: "ask" | "again";
  /** Its bytes. */
  build(sentAt: Date): Promise<Buffer>;
}

type Own = TokenOptions & {
  readonly accounts: readonly OwnInbox[];
  /** Whether answers end with a reference by which a mail is known that quotes them. */
  readonly showsReference: () => boolean;
};

const SUBJECT_MAX = 300;

/** A reply: one recipient, threaded under what it answers. Throws `channel.refused` for a bad address. */
export function prepareReply(reply: ReplyArguments, key: string, own: Own): PreparedMail {
  const parsed = AnswerAddress.safeParse(reply.to.address);
  if (!parsed.success || plainAddress(parsed.data.to) === null)
    throw new DeskhandError("channel.refused", "the reply has no usable mail address");
  const { inbox, to, cc = [], subject, inReplyTo, references } = parsed.data;
  const place = { ...placed({ inbox, to, key }, own), cc };
  const answersTo = plusAddress("t", place, own);
  const asked = reply.subject === "" ? subject : reply.subject;
  const tag =
    answersTo === null ? (subjectTagsIn(asked, own)[0] ?? subjectTag(place.messageId, own)) : null;
  // Those in Cc would learn it, and may be able to sign for the same domain.
  const hasReference = own.showsReference() && cc.length === 0;
  const end = (at: Date): string =>
    hasReference ? `\n\n${referenceLine({ ...place, at }, own)}` : "";
  return {
    ...place,
    tag,
    whenInDoubt: "ask",
    build: (sentAt) =>
      compose(place, `${reply.text}${end(sentAt)}`, own, {
        date: sentAt,
        subject: replySubject(asked, tag),
        ...(answersTo === null ? {} : { replyTo: answersTo }),
        ...(inReplyTo === null ? {} : { inReplyTo: `<${inReplyTo}>` }),
        references: references.map((id) => `<${id}>`),
        // RFC 3834 section 3.1.7; a reply a person sent is a person's mail.
        headers: reply.automatic ? automaticHeaders("auto-replied") : {},
      }),
  };
}

/** A notice: a mail that answers nothing, to an address on file. Throws `channel.refused` for a bad address. */
export function prepareNotice(
  notice: NoticeArguments,
  key: string,
  own: Own & { readonly inbox: string },
): PreparedMail {
  if (plainAddress(notice.to) === null)
    throw new DeskhandError("channel.refused", "the notice has no usable mail address");
  const { inbox } = own;
  const place = placed({ inbox, to: notice.to, key }, own);
  return {
    ...place,
    tag: null,
    whenInDoubt: "again",
    build: (sentAt) =>
      compose(place, notice.text, own, {
        date: sentAt,
        subject: cleanLine(notice.subject).slice(0, SUBJECT_MAX).toWellFormed(),
        headers: automaticHeaders("auto-generated"),
      }),
  };
}

function placed(
  { inbox, to, key }: { readonly inbox: string; readonly to: string; readonly key: string },
  own: Own,
): MailPlace {
  const messageId = replyMessageId(key, own.messageIdDomain);
  const place = { inbox, to, cc: [], messageId, proof: instanceProof(messageId, own) };
  return { ...place, returnPath: plusAddress("b", place, own) ?? inbox };
}

/** The address of ours that names this mail; null where the provider would not deliver to it. */
function plusAddress(
  kind: "t" | "b",
  { inbox, messageId }: Pick<MailPlace, "inbox" | "messageId">,
  own: Own,
): string | null {
  const isDelivered = inboxAt(inbox, own.accounts)?.plusAddressing === true;
  return isDelivered ? tokenAddress(kind, inbox, messageId, own) : null;
}

/**
 * RFC 3834 section 5; the second is Microsoft's, against answers of its own programs ([MS-OXCMAIL] 2.1.3.2.20). "All"
 * would suppress reports of failed delivery too.
 */
function automaticHeaders(kind: "auto-replied" | "auto-generated"): Record<string, string> {
  return { "Auto-Submitted": kind, "X-Auto-Response-Suppress": "RN, NRN, OOF, AutoReply" };
}

/** Builds the mail, its plain part exactly this text. */
function compose(
  { inbox, to, cc, messageId, proof }: MailPlace,
  text: string,
  own: Own,
  more: {
    readonly date: Date;
    readonly subject: string;
    readonly replyTo?: string;
    readonly inReplyTo?: string;
    readonly references?: string[];
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Buffer> {
  const mail = new MailComposer({
    ...more,
    // Encoded where it has to be (RFC 2047), and quoted; an address alone has no name to show.
    from: { name: inboxAt(inbox, own.accounts)?.displayName ?? "", address: inbox },
    to,
    cc: [...cc],
    messageId: `<${messageId}>`,
    // Base64 is the one encoding under which line ends, trailing spaces and long lines arrive as they were approved.
    text: { content: Buffer.from(text, "utf8"), contentTransferEncoding: "base64" },
    html: { content: htmlPage(text), contentTransferEncoding: "quoted-printable" },
    headers: { "X-Deskhand-Instance": proof, ...more.headers },
    baseBoundary: digest(messageId).slice(0, 24),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return mail.compile().build();
}

/** One "Re: ", however many the thread has gathered, the tag once, and never a line break. */
function replySubject(subject: string, tag: string | null): string {
  const bare = cleanLine(tag === null ? subject : subject.replaceAll(tag, " ")).replace(
    /^(?:(?:re|aw|sv|antw|ref)(?:\[\d{1,3}\])?\s*:\s*){1,20}/i,
    "",
  );
  const end = tag === null ? "" : ` ${tag}`;
  return `${`Re: ${bare}`.slice(0, SUBJECT_MAX).trimEnd().toWellFormed()}${end}`;
}

/**
 * The same text for readers of HTML. Many keep white space by no style (Outlook for Windows, Microsoft 365, Samsung), and
 * show one run of text.
 */
function htmlPage(text: string): string {
  const kept = escapeText(text)
    .replaceAll(/(?<=^|[ \t\r\n])[ \t]/g, "&nbsp;")
    .replaceAll(/\r\n?|\n/g, "<br>");
  return `<!doctype html><html><body><div style="font-family:sans-serif">${kept}</div></body></html>\n`;
}
