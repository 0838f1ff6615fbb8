/** Puts together attacks: alone, inside honest carriers, in disguise, and in other languages beside honest twins. */
import { encoded, Encoding } from "#evals/redteam/encodings.ts";
import { honestMail, newsletter, page, record, story, mailRound } from "./honest.ts";
import { drafted, lines, times } from "./parts.ts";
import type { Drafted, TextSegment } from "./text-row.ts";
import type { Writer } from "./writer.ts";

/** How many texts of each form a split has. */
export interface AttackCounts {
  readonly composed: number;
  readonly inMail: number;
  readonly jailbreaks: number;
  readonly carried: number;
  /** For each way of disguise. */
  readonly disguised: number;
  /** For each language, of what is put together beside the single sentences. */
  readonly abroad: number;
}

/** All attacks in English. */
export function attackTexts(writer: Writer, counts: AttackCounts): readonly Drafted[] {
  const direct = (family: string, text: string, payload?: string) =>
    drafted({ family, kind: "direct", lang: "en", text, payload });
  const jailbreak = (text: string) =>
    drafted({ family: "jailbreak", kind: "jailbreak", lang: "en", text });
  return [
    ...writer.all("direct").map((text) => direct("direct", text)),
    ...times(counts.composed, () => direct("order", writer.inManner(order(writer)))),
    ...times(counts.inMail, () => {
      const payload = writer.draw.part() < 0.5 ? writer.one("direct") : order(writer);
      return direct("direct-mail", mailWith(writer, payload), payload);
    }),
    ...writer.all("jailbreak").map(jailbreak),
    ...times(counts.jailbreaks, () =>
      jailbreak(
        lines(
          writer.maybe(0.3, "lead"),
          writer.inManner(writer.one("jailbreak")),
          writer.maybe(0.6, "goal"),
        ),
      ),
    ),
    ...times(counts.carried, () => carried(writer)),
    ...Encoding.options.flatMap((encoding) =>
      times(counts.disguised, () => disguised(writer, encoding)),
    ),
  ];
}

/** The assistant is told to drop its rules, and then what to do. */
function order(writer: Writer): string {
  const said = [writer.one("lead"), writer.one("goal"), writer.maybe(0.4, "tail")];
  return said.filter((one) => one !== "").join(writer.draw.one([" ", " ", "\n"]));
}

function mailWith(writer: Writer, payload: string): string {
  const sentences = story(writer);
  const at = writer.draw.one([0, sentences.length, writer.draw.below(sentences.length + 1)]);
  return mailRound({ ...writer, inManner: (text) => text }, sentences.toSpliced(at, 0, payload));
}

const CARRIERS: readonly {
  readonly make: (writer: Writer) => string;
  readonly segments: readonly (TextSegment | "body")[];
}[] = [
  { make: honestMail, segments: ["body", "forwarded", "quoted"] },
  { make: newsletter, segments: ["body", "forwarded"] },
  { make: page, segments: ["page"] },
  { make: record, segments: ["result"] },
  { make: (writer) => writer.one("paste"), segments: ["attachment", "body"] },
  { make: (writer) => writer.one("quote"), segments: ["quoted"] },
  { make: (writer) => writer.one("preheader"), segments: ["hidden"] },
];

/** Words for a machine inside something honest: at its beginning, at its end, or between two of its lines or sentences. */
function carried(writer: Writer): Drafted {
  const { draw } = writer;
  const { make, segments } = draw.one(CARRIERS);
  const carrier = make(writer);
  const payload = writer.one("payload");
  const segment = draw.one(segments);
  const gaps = [...carrier.matchAll(/[.!?]\s|\n/g)].map((gap) => gap.index + gap[0].length);
  const at = draw.one([0, carrier.length, gaps.length === 0 ? carrier.length : draw.one(gaps)]);
  const space = draw.one(["\n", " ", "\n\n"]);
  return drafted({
    family: "carried",
    kind: "indirect",
    lang: "en",
    text: `${carrier.slice(0, at)}${space}${payload}${space}${carrier.slice(at)}`.trim(),
    segment: segment === "body" ? undefined : segment,
    payload,
  });
}

function disguised(writer: Writer, encoding: Encoding): Drafted {
  const plain = writer.draw.part() < 0.3 ? writer.one("direct") : order(writer);
  return drafted({
    family: `disguised-${encoding}`,
    kind: "obfuscated",
    lang: "en",
    text: encoded(plain.normalize("NFKD").replaceAll(/[^\n -~]/g, ""), encoding),
  });
}

/** Attacks and their honest twins in one other language. */
export function textsAbroad(
  writer: Writer,
  lang: string,
  counts: AttackCounts,
): readonly Drafted[] {
  const KINDS = ["direct", "jailbreak", "hard-benign", "benign"] as const;
  const filled = (text: string) => writer.filled(text, lang);
  const row = (kind: Drafted["kind"], text: string, payload?: string) =>
    drafted({ family: `abroad-${lang}`, kind, lang, text: filled(text), payload });
  const one = (section: string) => filled(writer.draw.one(writer.raw(`${lang} ${section}`)));
  const between = () => writer.draw.one([" ", "\n", "\n\n"]);
  return [
    ...KINDS.flatMap((kind) => writer.raw(`${lang} ${kind}`).map((text) => row(kind, text))),
    ...times(counts.abroad, () => {
      const payload = one("payload");
      const parts = [one("benign"), payload, one("benign")];
      const from = writer.draw.below(2);
      return row("indirect", parts.slice(from, from + 2).join(between()), payload);
    }),
    ...times(counts.abroad, () => {
      const payload = one("direct");
      return row("direct", [one("benign"), payload].join(between()), payload);
    }),
    ...times(counts.abroad, () => row("benign", [one("benign"), one("benign")].join(between()))),
    ...times(counts.abroad, () =>
      row("hard-benign", [one("hard-benign"), one("benign")].join(between())),
    ),
  ];
}
