/**
 * Newsletters, feeds and notifications whose sender left out the headers of lists. No single sign is enough, since
 * people write from `news@`, ask to be unsubscribed, and have signatures full of links; signs of different kinds that
 * agree are. What a person could have pasted weighs less than how a mail was made and sent.
 */

import type { OwnNames, ClassifierInput } from "./classifier-input.ts";
import {
  AUTOMATIC,
  ENTRY_LINK,
  IN_BROWSER,
  ISSUE_SUBJECT,
  READ_ON,
  RIGHTS,
  SUBSCRIPTION,
} from "./bulk-words.ts";
import { isByMailProgram, programSign, routeSign, senderSign, type Sign } from "./bulk-sending.ts";
import { type Head, messageIdsIn, valueOf } from "#email/mime/headers.ts";
import { type WrittenBody, writtenBodyOf } from "./written-body.ts";

/** Signs that agree: one of sending and any other. */
const SIGNS_MIN = 2;
/** Where nothing of the sending says so, or where much looks like a person's. */
const SIGNS_MIN_OF_DOUBT = 3;

/** Why a mail was written to many or by a program; empty when not enough says so. */
export function unmarkedBulkReasons(seen: ClassifierInput, own: OwnNames): readonly string[] {
  const { head } = seen;
  if (answersUs(head, own)) return [];
  const body = writtenBodyOf(seen.parts);
  const signs = signsIn(seen, body);
  const isSent = signs.some((sign) => sign.of === "sending");
  const isDoubtful = isAnswer(seen) || isByMailProgram(head);
  // Words alone may be a newsletter that a person pasted into a question, which then stands above it.
  const isNamed = signs.some((sign) => sign.of === "sender");
  if (!isSent && (isDoubtful || !(isNamed || beginsAsMailing(body)))) return [];
  const enough = !isSent || isDoubtful ? SIGNS_MIN_OF_DOUBT : SIGNS_MIN;
  return signs.length < enough ? [] : signs.map(({ reason }) => reason);
}

function beginsAsMailing({ hasPreheader, text }: WrittenBody): boolean {
  return hasPreheader || IN_BROWSER.test(text.slice(0, TOP_LENGTH).split("\n", 1)[0] ?? "");
}

function signsIn({ head, subject }: ClassifierInput, body: WrittenBody): readonly Sign[] {
  const top = body.text.slice(0, TOP_LENGTH);
  const words = `${body.text.slice(0, START_LENGTH)}\n${body.text.slice(START_LENGTH).slice(-END_LENGTH)}`;
  const isAutomatic = AUTOMATIC.test(words);
  const sender = senderSign(head, isAutomatic);
  const all: readonly (Sign | null)[] = [
    sender,
    routeSign(head, sender?.of === "sending"),
    programSign(head),
    feedSign(body),
    layoutSign(body),
    linksSign(body),
    SUBSCRIPTION.test(words) || ISSUE_SUBJECT.test(subject)
      ? { of: "words", reason: "it says how to subscribe or unsubscribe" }
      : null,
    IN_BROWSER.test(top) ? { of: "words", reason: "it offers itself as a web page" } : null,
    isAutomatic ? { of: "words", reason: "it says that a program sent it" } : null,
    RIGHTS.test(words.slice(-END_LENGTH))
      ? { of: "words", reason: "it ends with the rights of a company" }
      : null,
  ];
  return all.filter((sign): sign is Sign => sign !== null);
}

const TOP_LENGTH = 500;
const START_LENGTH = 3_000;
const END_LENGTH = 5_000;

/** A mail in reply to us is a person's, whatever their program puts around it. */
function answersUs(head: Head, { messageIdDomain }: OwnNames): boolean {
  return earlierIds(head).some((id) => id.endsWith(`@${messageIdDomain}`));
}

function earlierIds(head: Head): readonly string[] {
  return messageIdsIn(`${valueOf(head, "in-reply-to")} ${valueOf(head, "references")}`);
}

const REPLY_OR_FORWARD =
  /^(?:re|aw|wg|sv|vs|antw|odp|fwd?|tr|rif|rv|res|enc|doorst|pd|i|vl|vb|ynt|ilt|hl|回复|转发|答复)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[:：]/iu;

function isAnswer({ head, subject }: ClassifierInput): boolean {
  return earlierIds(head).length > 0 || REPLY_OR_FORWARD.test(subject);
}

function feedSign({ text }: WrittenBody): Sign | null {
  const lines = text
    .slice(0, START_LENGTH)
    .split("\n", 20)
    .map((line) => line.trim());
  const first = lines.find((line) => line !== "") ?? "";
  if (ENTRY_LINK.test(first)) return { of: "sending", reason: "it begins as the entry of a feed" };
  return READ_ON.test(text.slice(0, 2 * START_LENGTH)) && /https?:/.test(text)
    ? { of: "words", reason: "it says where to read on" }
    : null;
}

const IMAGES_MIN = 8;

function layoutSign({ hasPixel, hasPreheader, remoteImages }: WrittenBody): Sign | null {
  if (hasPreheader) return { of: "words", reason: "it has words for the list of mails alone" };
  if (hasPixel) return { of: "words", reason: "it reports who opens it" };
  return remoteImages >= IMAGES_MIN ? { of: "words", reason: "it is made of pictures" } : null;
}

const LINKS_MIN = 6;
const WORDS_PER_LINK_MAX = 45;

function linksSign({ links, words }: WrittenBody): Sign | null {
  return links >= LINKS_MIN && words / links <= WORDS_PER_LINK_MAX
    ? { of: "words", reason: "it is mostly links" }
    : null;
}
