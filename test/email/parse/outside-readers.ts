/** Every pure function outside the guard that reads what strangers wrote, in mails, tickets and help pages, as one that takes any text. */
import { colorIn, elementConcealment, hiddenSelectors, NOT_CONCEALED } from "#text/hidden-style.ts";
import {
  plainAddresses,
  onlyAddressIn,
  plainAddress,
  namedSender,
  addressedInbox,
} from "#email/mime/addresses.ts";
import { serverObjection, ownServerResults } from "#email/sender-auth/authentication-results.ts";
import { announcesAbsence, classifyMail, namesMachine } from "#email/classify/classify-mail.ts";
import { bodyDigest, normalizeLineEnds } from "#email/mime/raw-mail.ts";
import { decodeHTML } from "entities";
import { partText } from "#email/mime/part.ts";
import {
  messageIdsIn,
  readHead,
  safeFileName,
  cleanLine,
  decodeWords,
  parameterizedValue,
  decodeText,
  decodeTransfer,
} from "#email/mime/headers.ts";
import { visibleText } from "#text/visible-html.ts";
import { firstText, mimeParts, writtenBody } from "#email/classify/mail-parts.ts";
import { MimeReader } from "#email/mime/parser.ts";
import { splitReply } from "#email/parse/split-reply.ts";
import { readContent } from "#email/parse/mail-content.ts";
import { mailHints, type OwnMail } from "#email/receive.ts";
import { subjectTagsIn, messageIdsInTokens } from "#email/threading/thread-keys.ts";
import { bounceReport } from "#email/classify/bounces.ts";
import * as keys from "#email/threading/thread-keys.ts";
import { attributesIn, pageChunks } from "#knowledge/pages.ts";
import { Unreadable } from "#knowledge/documents/document.ts";
import { pageSigns, readSitemap } from "#knowledge/documents/html-tree.ts";
import { readDocument, textIn } from "#knowledge/documents/read-document.ts";
import { robotRules } from "#knowledge/sources/site-rules.ts";
import { readCommentHtml } from "#zendesk/read/comment-message.ts";

const INBOX = { names: ["support@ourshop.test"], plusAddressing: true } as const;
const OWN: OwnMail = {
  instance: "test",
  secret: "a secret of the tests, long enough",
  messageIdDomain: "ourshop.test",
  inboxes: INBOX.names,
  accounts: [INBOX],
  isTeammate: () => false,
};

/** What a function reads: the text itself, or a mail with the text in a place where strangers write. */
export type Reader = (text: string) => unknown;

/** Readers by what each is called. */
type Readers = Readonly<Record<string, Reader>>;

/** Of single texts: subjects, names, addresses, words, pages. */
export const TEXT_READERS: Readers = {
  announcesAbsence: (text) => [announcesAbsence(text), namesMachine(text)],
  addressesOf: (text) => [plainAddresses(text), onlyAddressIn(text), plainAddress(text)],
  decodeWords: decodeWords,
  cleanLine: cleanLine,
  parametersOf: parameterizedValue,
  decodeHTML: (text) => decodeHTML(text),
  visibleText: (text) => visibleText(text),
  splitReply: splitReply,
  textOf: (text) =>
    ["yes", "no"].map((deleteSpace) =>
      partText(
        mimeOf(`Content-Type: text/plain; format=flowed; delsp=${deleteSpace}\n\n${text}`).root,
      ),
    ),
  safeFileName: (text) => [
    safeFileName(text, "text/plain", 0),
    safeFileName("", text.slice(0, 100), 0),
  ],
  messageIdsIn: messageIdsIn,
  ownIdsIn: (text) => keys.ownIdsIn(text, OWN.messageIdDomain),
  providerIdIn: keys.providerIdIn,
  subjectTagsIn: (text) => subjectTagsIn(text, OWN),
  hiddenSelectors: hiddenSelectors,
  concealmentOf: (text) =>
    elementConcealment(
      "font",
      new Map([
        ["style", text],
        ["color", text],
      ]),
      NOT_CONCEALED,
    ),
  colorIn: colorIn,
  decodeTransfer: (text) =>
    ["base64", "quoted-printable", "x-uuencode", text.slice(0, 20)].map((name) =>
      decodeTransfer(Buffer.from(text), name),
    ),
  decodeText: (text) =>
    ["utf-8", "utf-7", "iso-2022-jp", "big5", text.slice(0, 20), null].map((label) =>
      decodeText(Buffer.from(text), label),
    ),
};

/** Of help pages, the files of a site and comments of tickets; a page may be refused as unreadable, and nothing else. */
export const PAGE_READERS: Readers = {
  readCommentHtml: (text) => readCommentHtml(text),
  readMarkdown: documentIn("page.md"),
  readMdx: documentIn("page.mdx"),
  readHtml: documentIn("page.html"),
  readPlainText: documentIn("page.txt"),
  textIn: orUnreadable((text) => textIn(Buffer.from(text))),
  pageSigns: orUnreadable(pageSigns),
  readSitemap: readSitemap,
  robotRules: (text) => robotRules(text, "deskhand").mayRead(new URL("https://ourshop.test/a")),
  pageChunks: (text) =>
    pageChunks({
      ...attributesIn({}),
      slug: "p",
      title: "t",
      url: "",
      updated: "2026-01-01",
      text,
    }),
};

/** Of whole mails. */
export const MAIL_READERS: Readers = {
  classifyMail: (raw) => classifyMail(Buffer.from(raw), OWN),
  deliveryReportOf: (raw) => bounceReport(Buffer.from(raw), OWN.messageIdDomain),
  readContent: (raw) => readContent(mimeOf(raw)),
  hintsOf: (raw) =>
    mailHints(
      { source: "imap", headers: {}, body: Buffer.from(raw || " "), receivedAt: new Date(0) },
      OWN,
    ),
  parts: (raw) =>
    ofHead(raw, (head, bytes) => [
      firstText(mimeParts(head, bytes)),
      writtenBody(mimeParts(head, bytes)),
    ]),
  headers: (raw) =>
    ofHead(raw, (head) => [
      namedSender(head),
      addressedInbox(head, INBOX),
      messageIdsInTokens(head, "t", OWN),
      messageIdsInTokens(head, "b", OWN),
    ]),
  keys: (raw) =>
    ofHead(raw, (head, bytes) => [
      keys.mailKey(head, bodyDigest(bytes)),
      keys.threadKeys(head, "k", OWN),
      keys.sentKeys(head, OWN.inboxes),
      keys.namedReplies(head, OWN),
      keys.ownMessageId(head),
      keys.isOurOwn(head, OWN),
    ]),
  "authentication results": (raw) =>
    ofHead(raw, (head) =>
      serverObjection(
        ownServerResults(head, {
          authservId: "mx.ourshop.test",
          hops: 1,
          isSole: true,
          isWitness: true,
        }) ?? [],
        "customer.test",
      ),
    ),
};

function documentIn(path: string): Reader {
  return orUnreadable((text) =>
    readDocument({ path, bytes: Buffer.from(text), part: async () => null }),
  );
}

function orUnreadable(read: Reader): Reader {
  return async (text) => {
    try {
      await read(text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  };
}

function mimeOf(raw: string): ReturnType<MimeReader["end"]> {
  const reader = new MimeReader(4 * 1024 * 1024);
  reader.feed(Buffer.from(raw));
  return reader.end();
}

function ofHead(
  raw: string,
  read: (head: ReturnType<typeof readHead>, bytes: Uint8Array) => unknown,
): unknown {
  const bytes = normalizeLineEnds(Buffer.from(raw));
  return read(readHead(bytes), bytes);
}
