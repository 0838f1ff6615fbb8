import MailComposer from "nodemailer/lib/mail-composer";
import type { NoticeArguments, ReplyArguments } from "#core/action.ts";
import { digest } from "#core/canonical.ts";
import { DeskhandError } from "#core/errors.ts";
import { plainAddress } from "./addresses.ts";
import { instanceProof, replyMessageId } from "./keys.ts";
import { cleanLine } from "./words.ts";
import { AnswerAddress } from "./schema.ts";

/** A mail as it goes out, with what is needed to send it and to find it again. */
export interface Outgoing {
  readonly raw: Buffer;
  /** Without brackets. */
  readonly messageId: string;
  readonly inbox: string;
  readonly to: string;
}

/** A mail to send: where and under which id, known before anything is built. */
export interface Letter {
  readonly inbox: string;
  readonly to: string;
  readonly messageId: string;
  /** Whether the same mail may arrive twice when nobody can tell if it left: a reply never, a notice rather than not at all. */
  readonly whenInDoubt: "ask" | "again";
  build(sentAt: Date): Promise<Outgoing>;
}

interface Own {
  readonly messageIdDomain: string;
  readonly instance: string;
  readonly secret: string;
}

const SUBJECT_MAX = 300;

/** A reply: one recipient, threaded under what it answers. Throws `channel.refused` for a bad address. */
export function replyLetter(reply: ReplyArguments, key: string, own: Own): Letter {
  const parsed = AnswerAddress.safeParse(reply.to.address);
  if (!parsed.success || plainAddress(parsed.data.to) === null)
    throw new DeskhandError("channel.refused", "the reply has no usable mail address");
  const { inbox, to, subject, inReplyTo, references } = parsed.data;
  const place = { inbox, to, messageId: replyMessageId(key, own.messageIdDomain) };
  return {
    ...place,
    whenInDoubt: "ask",
    build: (sentAt) =>
      compose(place, reply.text, own, {
        date: sentAt,
        subject: replySubject(reply.subject === "" ? subject : reply.subject),
        ...(inReplyTo === null ? {} : { inReplyTo: `<${inReplyTo}>` }),
        references: references.map((id) => `<${id}>`),
        // RFC 3834 section 3.1.7; a reply a person sent is a person's mail.
        headers: reply.automatic ? automaticHeaders("auto-replied") : {},
      }),
  };
}

/** A notice: a mail that answers nothing, to an address on file. Throws `channel.refused` for a bad address. */
export function noticeLetter(
  notice: NoticeArguments,
  key: string,
  own: Own & { readonly inbox: string },
): Letter {
  if (plainAddress(notice.to) === null)
    throw new DeskhandError("channel.refused", "the notice has no usable mail address");
  const { inbox } = own;
  const place = { inbox, to: notice.to, messageId: replyMessageId(key, own.messageIdDomain) };
  return {
    ...place,
    whenInDoubt: "again",
    build: (sentAt) =>
      compose(place, notice.text, own, {
        date: sentAt,
        subject: cleanLine(notice.subject).slice(0, SUBJECT_MAX).toWellFormed(),
        headers: automaticHeaders("auto-generated"),
      }),
  };
}

/** RFC 3834 section 5; the second is Microsoft's, against answers of its own programs. */
function automaticHeaders(kind: "auto-replied" | "auto-generated"): Record<string, string> {
  return { "Auto-Submitted": kind, "X-Auto-Response-Suppress": "All" };
}

/** Builds the mail, its plain part exactly the text that was decided on. */
async function compose(
  { inbox, to, messageId }: Omit<Outgoing, "raw">,
  text: string,
  own: Own,
  more: {
    readonly date: Date;
    readonly subject: string;
    readonly inReplyTo?: string;
    readonly references?: string[];
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Outgoing> {
  const mail = new MailComposer({
    ...more,
    from: inbox,
    to,
    messageId: `<${messageId}>`,
    // Base64 is the one encoding under which line ends, trailing spaces and long lines arrive as they were approved.
    text: { content: Buffer.from(text, "utf8"), contentTransferEncoding: "base64" },
    html: { content: htmlOf(text), contentTransferEncoding: "quoted-printable" },
    headers: { "X-Deskhand-Instance": instanceProof(messageId, own), ...more.headers },
    baseBoundary: digest(messageId).slice(0, 24),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = await mail.compile().build();
  return { raw, messageId, inbox, to };
}

/** One "Re: ", however many the thread has gathered, and never a line break. */
function replySubject(subject: string): string {
  const bare = cleanLine(subject).replace(
    /^(?:(?:re|aw|sv|antw|ref)(?:\[\d{1,3}\])?\s*:\s*){1,20}/i,
    "",
  );
  return `Re: ${bare}`.slice(0, SUBJECT_MAX).trimEnd().toWellFormed();
}

/** The same words for readers of HTML; white space is kept by style, so nothing has to be guessed about the text. */
function htmlOf(text: string): string {
  const escaped = text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  return `<!doctype html><html><body><div style="white-space:pre-wrap;font-family:sans-serif">${escaped}</div></body></html>\n`;
}
