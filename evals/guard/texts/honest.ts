/** Puts together honest texts: chat lines, mails, quotes, pages, records and what attackers' words mean in honest mouths. */
import { drafted, lines, times } from "./parts.ts";
import type { Drafted } from "./text-row.ts";
import type { Writer } from "./writer.ts";

const TRADES = ["shop", "software", "bank", "telecom", "travel"] as const;

/** How many texts of each form a split has. */
export interface HonestCounts {
  readonly mails: number;
  readonly chats: number;
  readonly pasted: number;
  readonly hardMails: number;
  readonly quotes: number;
  readonly carriers: number;
}

/** All honest texts in English, in the order of their families. */
export function honestTexts(writer: Writer, counts: HonestCounts): readonly Drafted[] {
  const { draw } = writer;
  const benign = (family: string, text: string, segment?: Drafted["segment"]) =>
    drafted({ family, kind: "benign", lang: "en", text, segment });
  return [
    ...TRADES.flatMap((trade) => writer.all(`${trade} chat`)).map((text) => benign("chat", text)),
    ...times(counts.chats, () => benign("chat", chat(writer))),
    ...times(counts.mails, () => benign("mail", honestMail(writer))),
    ...times(counts.pasted, () => benign("pasted", pasted(writer))),
    ...writer.all("hard").map((text) => hard("hard", text)),
    ...times(counts.hardMails, () => hard("hard-mail", hardMail(writer))),
    ...times(counts.quotes, () => benign("quote", writer.one("quote"), "quoted")),
    ...times(counts.quotes / 4, () =>
      benign("signature", lines(writer.one("signature"), writer.maybe(0.5, "footer")), "signature"),
    ),
    ...times(counts.carriers, () => benign("page", page(writer), "page")),
    ...times(counts.carriers, () => benign("record", record(writer), "result")),
    ...times(counts.carriers, () =>
      benign("attachment", lines(writer.one("paste"), writer.maybe(0.3, "paste")), "attachment"),
    ),
    ...times(counts.carriers / 2, () => benign("note", writer.one("note"), "note")),
    ...times(counts.carriers, () => benign("newsletter", newsletter(writer))),
    ...times(counts.carriers / 2, () => benign("forward", forward(writer), "forwarded")),
    ...times(counts.carriers, () => benign("preheader", writer.one("preheader"), "hidden")),
    ...writer.all("preheader").map((text) => benign("preheader", text, "hidden")),
  ];

  function hard(family: string, text: string): Drafted {
    return drafted({ family, kind: "hard-benign", lang: "en", text, segment: hardSegment() });
  }

  function hardSegment(): Drafted["segment"] {
    return draw.part() < 0.06 ? "quoted" : undefined;
  }
}

/** Lines of a chat: one, or two that follow each other. */
function chat(writer: Writer): string {
  const trade = writer.draw.one(TRADES);
  const first = writer.draw.part() < 0.5 ? `${trade} chat` : `${trade} trouble`;
  const second = writer.draw.one(["chat", "ask", "aside", "tried"]);
  const said = [writer.one(first), writer.maybe(0.5, `${trade} ${second}`)];
  return writer.inManner(
    said.filter((one) => one !== "").join(writer.draw.one([" ", "\n", " - "])),
  );
}

/** What a customer writes about one matter, in the order people choose. */
export function story(writer: Writer): readonly string[] {
  const { draw } = writer;
  const trade = draw.one(TRADES);
  const told = [
    writer.maybe(0.7, `${trade} fact`),
    writer.one(`${trade} trouble`),
    writer.maybe(0.55, `${trade} tried`),
    writer.maybe(0.3, `${trade} aside`),
  ];
  const asked = writer.one(`${trade} ask`);
  const more = draw.part() < 0.15 ? `${writer.one("joiner")} ${writer.one(`${trade} ask`)}` : "";
  const order = draw.part() < 0.15 ? [asked, ...told, more] : [...told, asked, more];
  return order.filter((sentence) => sentence !== "");
}

/** A mail round these sentences, with what mail programs and companies add. */
export function mailRound(writer: Writer, sentences: readonly string[]): string {
  const { draw } = writer;
  const subject = draw.part() < 0.4 ? `Subject: ${writer.one("subject")}\n` : "";
  const between = draw.one([" ", " ", "\n", "\n\n"]);
  return lines(
    subject,
    writer.maybe(0.75, "greeting"),
    draw.part() < 0.8 ? writer.inManner(sentences.join(between)) : sentences.join(between),
    writer.maybe(0.75, "closing"),
    writer.maybe(0.25, "signature"),
    writer.maybe(0.12, "footer"),
    writer.maybe(0.18, "quote"),
  );
}

/** A mail about one matter, from its greeting to the quote below. */
export function honestMail(writer: Writer): string {
  return mailRound(writer, story(writer));
}

function pasted(writer: Writer): string {
  const { draw } = writer;
  const trade = draw.one(["software", "software", "shop", "telecom", "travel"]);
  const before = [writer.maybe(0.5, `${trade} fact`), writer.one(`${trade} trouble`)];
  const fence = draw.part() < 0.25 ? "```" : "";
  return lines(
    writer.maybe(0.5, "greeting"),
    before.filter((one) => one !== "").join(" "),
    lines(fence, writer.one("paste"), fence),
    writer.maybe(0.6, `${trade} ask`),
    writer.maybe(0.5, "closing"),
  );
}

/** What attackers' words mean in honest mouths, alone among other sentences of the same mail. */
function hardMail(writer: Writer): string {
  const sentences = [...story(writer)].slice(0, 1 + writer.draw.below(4));
  return mailRound(
    writer,
    sentences.toSpliced(writer.draw.below(sentences.length + 1), 0, writer.one("hard")),
  );
}

/** A help page: one passage, or two that stand on one page. */
export function page(writer: Writer): string {
  return lines(writer.one("page"), writer.maybe(0.5, "page"));
}

/** A record of a shop's system. */
export function record(writer: Writer): string {
  return lines(writer.one("record"), writer.maybe(0.3, "record"));
}

/** A newsletter or a notice of a company. */
export function newsletter(writer: Writer): string {
  return lines(
    writer.maybe(0.5, "preheader"),
    writer.one("newsletter"),
    writer.maybe(0.4, "newsletter"),
    writer.maybe(0.6, "footer"),
  );
}

function forward(writer: Writer): string {
  return lines(
    writer.filled("From: {{name}} {{surname}}\nSubject: ") + writer.one("subject"),
    writer.draw.part() < 0.5 ? honestMail(writer) : newsletter(writer),
  );
}
