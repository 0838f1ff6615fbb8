import MailComposer from "nodemailer/lib/mail-composer";
import type { ReplyArguments } from "#core/action.ts";
import { digest } from "#core/canonical.ts";
import { DeskhandError } from "#core/errors.ts";
import { plainAddress } from "./addresses.ts";
import { instanceProof, replyMessageId } from "./keys.ts";
import { cleanLine } from "./parse.ts";
import { AnswerAddress } from "./schema.ts";

/** A reply as it goes out, with what is needed to send it and to find it again. */
export interface Outgoing {
  readonly raw: Buffer;
  /** Without brackets. */
  readonly messageId: string;
  readonly inbox: string;
  readonly to: string;
}

const SUBJECT_MAX = 300;

/** Where this reply goes and under which id, before anything is built. Throws `channel.refused` for a bad address. */
export function addressOf(
  reply: ReplyArguments,
  key: string,
  { messageIdDomain }: { readonly messageIdDomain: string },
): { readonly address: AnswerAddress; readonly messageId: string } {
  const parsed = AnswerAddress.safeParse(reply.to.address);
  if (!parsed.success || plainAddress(parsed.data.to) === null)
    throw new DeskhandError("channel.refused", "the reply has no usable mail address");
  return { address: parsed.data, messageId: replyMessageId(key, messageIdDomain) };
}

/** Builds the mail: one recipient, threaded under what it answers, its plain part exactly the text that was approved. */
export async function composeReply(
  reply: ReplyArguments,
  place: { readonly address: AnswerAddress; readonly messageId: string },
  options: { readonly instance: string; readonly secret: string; readonly sentAt: Date },
): Promise<Outgoing> {
  const { address, messageId } = place;
  const mail = new MailComposer({
    from: address.inbox,
    to: address.to,
    subject: replySubject(reply.subject === "" ? address.subject : reply.subject),
    date: options.sentAt,
    messageId: `<${messageId}>`,
    ...(address.inReplyTo === null ? {} : { inReplyTo: `<${address.inReplyTo}>` }),
    references: address.references.map((id) => `<${id}>`),
    // Base64 is the one encoding under which line ends, trailing spaces and long lines arrive as they were approved.
    text: { content: Buffer.from(reply.text, "utf8"), contentTransferEncoding: "base64" },
    html: { content: htmlOf(reply.text), contentTransferEncoding: "quoted-printable" },
    headers: {
      "X-Deskhand-Instance": instanceProof(messageId, options),
      // RFC 3834 section 3.1.7; a reply a person sent is a person's mail.
      ...(reply.automatic
        ? { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" }
        : {}),
    },
    baseBoundary: digest(messageId).slice(0, 24),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = await mail.compile().build();
  return { raw, messageId, inbox: address.inbox, to: address.to };
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
