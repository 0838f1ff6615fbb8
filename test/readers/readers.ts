/** What reads the words of strangers outside the guard: mails, comments, help pages, the files of a site. */
import { asksBack, namesOrder, writesOfReturn } from "#text/about-text.ts";
import { sentencesAround } from "#agent/wishes.ts";
import { MimeReader } from "#email/mime/parser.ts";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { readContent } from "#email/parse/mail-content.ts";
import { splitReply } from "#email/parse/split-reply.ts";
import { attributesIn, pageChunks } from "#knowledge/pages.ts";
import { Unreadable } from "#knowledge/documents/document.ts";
import { readDocument, textIn } from "#knowledge/documents/read-document.ts";
import { pageSigns, readSitemap } from "#knowledge/documents/html-tree.ts";
import { robotRules } from "#knowledge/sources/site-rules.ts";
import { plainText } from "#text/plain-markdown.ts";
import { visibleText } from "#text/visible-html.ts";
import { bounceReport } from "#email/classify/bounces.ts";
import { readCommentHtml } from "#zendesk/read/comment-message.ts";

const TEXT_MAX = 10_000_000;
const OWN_NAMES = { messageIdDomain: "ourshop.test", inboxes: ["help@ourshop.test"] };
const HEAD = "From: Ann <ann@customer.test>\r\nTo: help@ourshop.test\r\nSubject: my order\r\n";

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const mailOf = (body: string, type: string): Uint8Array =>
  bytesOf(`${HEAD}MIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n${body}`);

function readMailHere(mail: Uint8Array): unknown {
  const reader = new MimeReader(TEXT_MAX);
  reader.feed(mail);
  return readContent(reader.end());
}

function documentIn(path: string): (text: string) => unknown {
  return (text) =>
    readDocument({ path, bytes: bytesOf(text), part: async () => null }).catch(() => null);
}

/** Each reader by what it does; what it gives may be a promise. */
export const OUTSIDE_READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "reads a plain mail": (text) => readMailHere(mailOf(text, "text/plain; charset=utf-8")),
  "reads a mail of HTML": (text) => readMailHere(mailOf(text, "text/html; charset=utf-8")),
  "reads a mail of parts": (text) => readMailHere(mailOf(text, 'multipart/mixed; boundary="x"')),
  "reads the head of a mail": (text) =>
    readMailHere(bytesOf(`${HEAD}X-More: ${text.replaceAll("\n", "\r\n ")}\r\n\r\nHello`)),
  "reads a mail of bare bytes": (text) => readMailHere(bytesOf(text)),
  "tells what a mail is": (text) => classifyMail(mailOf(text, "text/plain"), OWN_NAMES),
  "tells what bare bytes are": (text) => classifyMail(bytesOf(text), OWN_NAMES),
  "reads a bounce": (text) => bounceReport(mailOf(text, "text/plain"), "ourshop.test"),
  "parts an answer from what it quotes": splitReply,
  "reads a ticket's comment": (text) => readCommentHtml(text),
  "tells seen from hidden text": (text) => visibleText(text),
  "reads a page of Markdown": documentIn("page.md"),
  "reads a page of HTML": documentIn("page.html"),
  "reads a page of text": documentIn("page.txt"),
  "reads the bytes of a page": (text) => textIn(bytesOf(text)),
  "reads the links of a page": (text) => {
    try {
      return pageSigns(text);
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  },
  "reads a list of pages": readSitemap,
  "reads what robots may": (text) => robotRules(text, "deskhand"),
  "cuts a page into passages": (text) =>
    pageChunks({
      ...attributesIn({}),
      slug: "p",
      title: "t",
      url: "",
      updated: "2026-01-01",
      text,
    }),
  "takes Markdown for plain text": plainText,
  "tells a question back": asksBack,
  "finds an order that is named": (text) => namesOrder(text, "1003"),
  "finds a quoted sentence": (text) => sentencesAround("refund order 1003", text),
  "tells a return": writesOfReturn,
};
