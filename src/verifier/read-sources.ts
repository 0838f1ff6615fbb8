/** The sources as the rules about quotes read them. */
import { NO_RECEIPTS } from "#core/contracts/guard.ts";
import type { Source } from "#core/contracts/verifier.ts";
import { evidenceFrom } from "#guard/output/evidence.ts";
import type { Fact } from "#guard/output/facts.ts";
import { dayOf } from "#guard/output/dates.ts";
import { folded, type Folded } from "./folded.ts";
import { saysEveryDay } from "#guard/languages/sentence-words.ts";

/** The sources as far as rules need them, each worked out when it is first asked for. */
export interface ReadSources {
  readonly all: readonly Source[];
  readonly today: number;
  foldedOf(source: Source): Folded;
  /** The amounts, days, lengths of time and numbers of a source, by value. */
  keysOf(source: Source): ReadonlySet<string>;
  /** What no single source says and several together do: a deadline, or how long ago something was. */
  follows(key: string): boolean;
}

/** Reads sources for the rules. */
export function readSources({
  sources,
  today,
}: {
  readonly sources: readonly Source[];
  readonly today: Date;
}): ReadSources {
  const texts = new Map<Source, Folded>();
  const keys = new Map<Source, ReadonlySet<string>>();
  let together: ReturnType<typeof evidenceFrom> | null = null;
  const kept = <Value>(map: Map<Source, Value>, source: Source, make: () => Value): Value => {
    const known = map.get(source);
    if (known !== undefined) return known;
    const made = make();
    map.set(source, made);
    return made;
  };
  return {
    all: sources,
    today: dayOf(today),
    foldedOf: (source) => kept(texts, source, () => folded(source.text)),
    keysOf: (source) => kept(keys, source, () => keysIn([source], today).keys),
    follows(key) {
      together ??= keysIn(
        sources.filter(({ kind }) => kind !== "customer"),
        today,
      );
      return together.keys.has(key) || together.elapsed.has(key);
    },
  };
}

/** By the same rules as the output check, so that a value means the same in both. */
function keysIn(sources: readonly Source[], today: Date): ReturnType<typeof evidenceFrom> {
  const isRecorded = ({ kind }: Source): boolean => kind === "record" || kind === "action";
  return evidenceFrom({
    ...NO_RECEIPTS,
    // Deadlines are counted from recorded days alone.
    toolResults: sources.filter(isRecorded).map(({ text }) => ({ tool: "", result: text })),
    passages: sources
      .filter((one) => !isRecorded(one))
      .map(({ text }) => ({ id: "", title: "", url: "", text, score: 1 })),
    today,
  });
}

/** Whether one of these sources has the value of a fact. */
export function isKnown({ keys }: Fact, from: readonly Source[], sources: ReadSources): boolean {
  const isWeekday = keys.some((key) => key.startsWith("weekday:"));
  return from.some(
    (source) =>
      (isWeekday && saysEveryDay(source.text)) ||
      keys.some((key) => sources.keysOf(source).has(key)),
  );
}
