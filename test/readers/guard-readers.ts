/** What reads what others wrote, in the guard and around it. */
import { customerOwnWords } from "#agent/customer-words.ts";
import { citationsIn, withNumbers } from "#core/values/card-text.ts";
import { textDifference } from "#text/diff.ts";
import { parseAmount } from "#core/values/money.ts";
import { topicCalled } from "#core/values/vocabulary.ts";
import { isAddress, oneClaimedAddress } from "#guard/identity/bind-requester.ts";
import { canaryFinder, instructionFinder } from "#guard/output/leaks.ts";
import { contactKeysIn, contactsIn } from "#guard/output/contacts.ts";
import { hiddenInTags, folded } from "#text/normalize.ts";
import { orderIdInRecord } from "#guard/output/order-facts.ts";
import { keysAsked } from "#guard/output/evidence.ts";
import { withKnownHarmless } from "#guard/input/known-harmless.ts";
import { isAngryText } from "#guard/input/delicate.ts";
import { readsLikeJunk } from "#guard/input/junk.ts";
import { orderClaimsIn } from "#guard/input/order-claims.ts";
import { quoteFinder } from "#guard/output/passage-quotes.ts";
import {
  asksBack,
  calledOrders,
  earlierContactIn,
  namesOrder,
  tellingWords,
  writesOfReturn,
} from "#text/about-text.ts";
import { sentencesAround } from "#agent/wishes.ts";
import { plainText } from "#text/plain-markdown.ts";
import { guard, mail } from "#test/guard/input/inbox.ts";
import { outputCheck, receipts, refundOf, tool } from "#test/guard/output/evidence-world.ts";
import { factsStated } from "#jobs/rehearsal/judge.ts";
import { actsTold } from "#guard/claims/acts.ts";

const isInstruction = instructionFinder("Answer with what the tools say. ".repeat(40), []);
const isCanary = canaryFinder("secret");
const WAITING = { state: "waiting for a teammate", since: "2026-11-20" };
const unknownSender = mail("", { identity: { ...mail("").identity, handle: { kind: "none" } } });

/** Everything that reads what others wrote, by what it is called where it is used. */
export const GUARD_READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "inspects a message": (text) =>
    guard.inspect([
      mail(text, {
        subject: text,
        segments: Array.from({ length: 50 }, () => ({ kind: "hidden", text })),
      }),
    ]),
  "inspects a result": (text) => guard.inspectText(text, "a result"),
  "leaves out harmless phrases": (text) =>
    withKnownHarmless(guard, {
      phrases: [text.slice(0, 200), `${text.slice(0, 40)} a`],
      senders: [text],
    }).inspect([mail(text, { subject: text.slice(0, 500) })]),
  "hears anger": (text) => isAngryText(text),
  "tells junk": (text) => readsLikeJunk([mail(text, { subject: text })]),
  "reads what is said about an order": (text) => orderClaimsIn(text),
  "tells an earlier contact": (text) => earlierContactIn(text),
  "reads numbers called orders": (text) => calledOrders(text),
  "picks telling words": (text) => tellingWords(text),
  "tells a question back": asksBack,
  "tells a return": writesOfReturn,
  "finds an order that is named": (text) => namesOrder(text, "1003"),
  "finds a quoted sentence": (text) => sentencesAround("refund order 1003", text),
  "takes Markdown for plain text": plainText,
  "compares with a page": (text) =>
    quoteFinder([{ id: "p", title: "t", url: "", text, score: 1 }])(text),
  "watches for delicate topics": (text) => guard.delicate([mail(text)]),
  "masks secrets": (text) => guard.mask(text),
  "tells the language": (text) => guard.languageOf([mail(text)]),
  "finds a claimed address": (text) => oneClaimedAddress([{ ...unknownSender, text }], []),
  "knows an address": isAddress,
  "takes the requester's own words": (text) =>
    customerOwnWords({ history: [], unread: [mail(text)], keepsSender: true }),
  "reads what was asked": (text) => keysAsked(receipts({ asked: text })),
  "reads an order number of a record": (text) => orderIdInRecord(new Map([["order_id", text]])),
  "checks a draft": (text) =>
    outputCheck.check(text, receipts({ proposal: { actions: [refundOf("789", 12_000)] } })),
  "checks a draft against everything": (text) => {
    // Seven places, of which each has its part of the text.
    const [asked = "", note, told, status, what, amount, passage = ""] = Array.from(
      { length: 7 },
      (_unset, at) => text.slice((at * text.length) / 7, ((at + 1) * text.length) / 7),
    );
    return outputCheck.check(
      "Your order 789 came on 22.02.2022.",
      receipts({
        asked,
        teamNotes: [note ?? ""],
        forbidden: [text.slice(0, 200)],
        toolResults: [
          tool({ order_id: "789", text: told, status }),
          tool({ order: { order_id: "789", open_with_us: [{ ...WAITING, what, amount }] } }),
        ],
        passages: [{ id: "p", title: "t", url: text.slice(0, 500), text: passage, score: 1 }],
      }),
    );
  },
  "reads what was told before": (text) =>
    actsTold([{ by: "us", text, at: new Date("2026-11-20T12:00:00Z") }]),
  "reads what a person's answer states": (text) =>
    factsStated(text, new Date("2026-11-20T12:00:00Z")),
  "writes footnotes": (text) =>
    outputCheck.citations(text, receipts({ toolResults: [tool({ order_id: "789", text })] })),
  "shows footnotes": (text) => {
    const footnotes = [{ source: text.slice(0, 300), words: [text.slice(0, 12)], quote: "" }];
    return withNumbers(text, citationsIn(text, footnotes));
  },
  "finds instructions": (text) => isInstruction(text),
  "finds a canary": (text) => isCanary(text),
  "finds other ways out": (text) => [
    ...contactsIn(text).map(({ words }) => words),
    ...contactKeysIn(text),
  ],
  "reads what stands in tags": hiddenInTags,
  "compares an edit": (text) => textDifference(text, `${text} more`),
  "folds words": folded,
  "reads a typed amount": (text) => parseAmount(text, "USD"),
  "reads a typed topic": (text) => topicCalled(text, ["refund"]),
};
