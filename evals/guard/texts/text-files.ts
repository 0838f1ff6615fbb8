/** The files of texts as they stand in this folder: made from the seeds, numbered, without repetitions. */
import { join } from "node:path";
import type { Draw } from "#sandbox/history/draw.ts";
import { type AttackCounts, attackTexts, textsAbroad } from "./attacks.ts";
import { type HonestCounts, honestTexts } from "./honest.ts";
import { readSeeds, type Seeds } from "./seeds.ts";
import type { Drafted, TextRow } from "./text-row.ts";
import { createWriter } from "./writer.ts";

const SPLITS: readonly {
  readonly split: TextRow["split"];
  readonly seed: number;
  readonly counts: HonestCounts & AttackCounts;
}[] = [
  {
    split: "train",
    seed: 22,
    counts: {
      mails: 1_300,
      chats: 420,
      pasted: 160,
      hardMails: 420,
      quotes: 90,
      carriers: 110,
      composed: 420,
      inMail: 260,
      jailbreaks: 110,
      carried: 620,
      disguised: 16,
      abroad: 14,
    },
  },
  {
    split: "test",
    seed: 1_022,
    counts: {
      mails: 420,
      chats: 110,
      pasted: 60,
      hardMails: 140,
      quotes: 30,
      carriers: 36,
      composed: 140,
      inMail: 80,
      jailbreaks: 40,
      carried: 180,
      disguised: 6,
      abroad: 6,
    },
  },
];

/** Languages with texts of their own beside English. */
const LANGUAGES = ["de", "fr", "es", "it", "pt", "nl", "pl", "ru", "zh", "ar", "tr"] as const;

const HONEST: ReadonlySet<string> = new Set(["benign", "hard-benign"]);

/** Every file by its name; `drawFrom` begins chance anew for each part, so that one part can grow without changing another. */
export function textFiles(drawFrom: (seed: number) => Draw): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { split, seed, counts } of SPLITS) {
    const seeds = readSeeds(join(import.meta.dirname, "seeds", split));
    const drafts = [
      ...honestTexts(createWriter(seeds, drawFrom(seed)), counts),
      ...attackTexts(createWriter(seeds, drawFrom(seed + 1)), counts),
      ...LANGUAGES.flatMap((lang, index) =>
        abroad(seeds, drawFrom(seed + 2 + index), lang, counts),
      ),
    ];
    const rows = numbered(drafts, split);
    files.set(`honest-${split}.jsonl`, written(rows.filter(({ kind }) => HONEST.has(kind))));
    files.set(`attacks-${split}.jsonl`, written(rows.filter(({ kind }) => !HONEST.has(kind))));
  }
  return files;
}

function abroad(seeds: Seeds, draw: Draw, lang: string, counts: AttackCounts) {
  return textsAbroad(createWriter(seeds, draw), lang, counts);
}

/** What is the same text in the same place is kept once. */
function numbered(drafts: readonly Drafted[], split: TextRow["split"]): readonly TextRow[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return drafts.flatMap(({ family, ...draft }) => {
    const key = `${draft.segment ?? ""} ${draft.text}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const count = (counts.get(family) ?? 0) + 1;
    counts.set(family, count);
    return [{ id: `${split}-${family}-${String(count).padStart(4, "0")}`, ...draft, split }];
  });
}

function written(rows: readonly TextRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
