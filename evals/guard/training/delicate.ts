/**
 * Entry point of `npm run evals -- delicate-train`: learns from texts of our own to tell the topics that only people
 * answer, and anger, from what a desk works on, and reports what it makes of texts that it was not taught.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { strongestPassages, weightsPath } from "#guard/input/classifier/classifier.ts";
import { featureRoom } from "#guard/input/classifier/features.ts";
import { LEARNT, type Weighing, wholeText } from "#guard/input/delicate.ts";
import { normalise } from "#text/normalize.ts";
import { isAttack, learntTexts } from "#evals/guard/corpus.ts";
import { delicateTable, judgedMessages } from "#evals/guard/delicate/command.ts";
import { type DelicateText, ownDelicateTexts } from "#evals/guard/delicate/texts.ts";
import { readLabelled } from "#evals/labelled-lines.ts";
import { artefact, type Learnt } from "./fit.ts";
import { learntFrom, type Teaching, wholeTexts } from "./whole-texts.ts";

/** A message to learn from, and how much it counts. */
interface Material extends Omit<DelicateText, "lang"> {
  readonly weight: number;
  /** Taught in every fold and never judged: what is too short to be a message. */
  readonly isFragment?: boolean;
}

type Name = (typeof LEARNT)[number];

/** Texts of the guard are no letters to a shop for the most part, so they count less, and there are enough of them. */
const HONEST = { weight: 0.5, everyOther: 5 };
const FRAGMENT_WEIGHT = 0.3;
const FOLDS = 3;
/** Of the calm messages left out, such a share may be taken as delicate, and as angry. */
const DELICATE_MAX = 0.02;
const ANGRY_MAX = 0.01;
/** These count from lower scores: a false alarm costs a teammate seconds, one that is missed may cost a life. */
const EASIER: Readonly<Partial<Record<Name, number>>> = { self_harm: 0.5, threat: 0.5 };
/** Above the highest score that is allowed no more. */
const BEYOND = 0.01;

/** Thresholds chosen beside labelled sets in place of those proposed, so that no set has more calm messages taken. */
const CHOSEN: Readonly<Partial<Record<Name, number>>> = {
  self_harm: 0,
  injury: -0.3,
  data_request: -0.74,
};
/** Hints have few words in common, so words must not share a bucket, nor be relied upon. */
const RECIPE = { hasWindows: true, buckets: 1 << 17, withoutOne: 0.3 };
/** What all delicate messages share counts so much beside what is particular to each topic: calm ones share it too. */
const SHARED_WORTH = 0.5;

const learn = ownDelicateTexts("learn");
const material: readonly Material[] = [
  ...[...learn, ...ownDelicateTexts("calm-learn")].map((text) => ({ ...text, weight: 1 })),
  ...customersOfJunk(),
  ...honestTexts(),
  ...ownDelicateTexts("fragments").map((text) => ({
    ...text,
    weight: FRAGMENT_WEIGHT,
    isFragment: true,
  })),
];
const examples = wholeTexts(material.map(plainOf), RECIPE);

function plainOf(message: Pick<Material, "subject" | "text">): string {
  return normalise(wholeText(message));
}

/** What customers write who are not taken for junk, without those that are labelled as delicate. */
function customersOfJunk(): readonly Material[] {
  const Mail = z.object({ label: z.string(), subject: z.string(), text: z.string() });
  const labelled = new Set(learn.map(({ text }) => text));
  return readLabelled(join(import.meta.dirname, "..", "junk", "learn.jsonl"), Mail, "mails")
    .filter(({ label, text }) => label === "customer" && !labelled.has(text))
    .map(({ subject, text }) => ({ topic: "calm", subject, text, weight: 1 }));
}

function honestTexts(): readonly Material[] {
  return learntTexts()
    .filter(({ kind }) => !isAttack(kind))
    .filter((_text, at) => at % HONEST.everyOther === 0)
    .map(({ text }) => ({ topic: "calm", subject: "", text, weight: HONEST.weight }));
}

/** The weights of every name, learnt from the material that `takes` names. */
function learntNames(takes: (at: number) => boolean): ReadonlyMap<Name, Learnt> {
  const taught = (isOne: (topic: DelicateText["topic"]) => boolean | null): Learnt =>
    learntFrom(examples, (at): Teaching | null => {
      const text = material[at];
      const answer = text === undefined || !takes(at) ? null : isOne(text.topic);
      return text === undefined || answer === null ? null : { isOne: answer, weight: text.weight };
    });
  // What all delicate messages share is learnt of them together, and added to what is particular to each topic.
  const any = taught((topic) => (topic === "angry" ? null : topic !== "calm"));
  return new Map(
    LEARNT.map((name) => {
      if (name !== "angry")
        return [
          name,
          withShared(
            taught((topic) => topic === name),
            any,
          ),
        ];
      return [name, taught((topic) => (topic === "calm" ? false : topic === "angry" || null))];
    }),
  );
}

function withShared(particular: Learnt, shared: Learnt): Learnt {
  const buckets = particular.buckets.map(
    (weight, at) => weight + SHARED_WORTH * (shared.buckets[at] ?? 0),
  );
  return { buckets, bias: particular.bias + SHARED_WORTH * shared.bias };
}

const room = featureRoom();

/** The messages of each fold, with weights learnt without them. */
const folds = Array.from({ length: FOLDS }, (_, fold) => {
  const isLeftOut = (at: number): boolean =>
    material[at]?.isFragment !== true && at % FOLDS === fold;
  return {
    names: learntNames((at) => !isLeftOut(at)),
    messages: material.filter((_text, at) => isLeftOut(at)),
  };
});

/** The lowest score that so small a share of the calm messages left out reaches by any of these names. */
function thresholdFor(names: readonly Name[], shareMax: number): number {
  const highest = folds.flatMap(({ names: learnt, messages }) => {
    const weights = names.map((name) => {
      const { buckets, bias } = learntOf(learnt, name);
      return { buckets, bias: bias + (EASIER[name] ?? 0), step: 1, room };
    });
    return messages
      .filter(({ topic }) => topic === "calm")
      .map((message) => {
        const passages = strongestPassages(plainOf(message), weights);
        return Math.max(...passages.map((passage) => passage?.score ?? Number.NEGATIVE_INFINITY));
      });
  });
  const falling = highest.toSorted((one, other) => other - one);
  return (falling[Math.floor(falling.length * shareMax)] ?? 0) + BEYOND;
}

function learntOf(names: ReadonlyMap<Name, Learnt>, name: Name): Learnt {
  const learnt = names.get(name);
  if (learnt === undefined) throw new Error(`nothing was learnt of ${name}`);
  return learnt;
}

const delicateFrom = thresholdFor(
  LEARNT.filter((name) => name !== "angry"),
  DELICATE_MAX,
);
const angryFrom = thresholdFor(["angry"], ANGRY_MAX);

function blockFrom(name: Name): number {
  const chosen = CHOSEN[name];
  if (chosen !== undefined) return chosen;
  const from = name === "angry" ? angryFrom : delicateFrom - (EASIER[name] ?? 0);
  return Math.round(from * 100) / 100;
}

function weighingBy(names: ReadonlyMap<Name, Learnt>): Weighing {
  return (name) => {
    const { buckets, bias } = learntOf(names, name);
    const block = blockFrom(name);
    return { buckets, bias, step: 1, room, heading: { step: 1, bias, caution: block, block } };
  };
}

const leftOut = folds.flatMap(({ names, messages }) => judgedMessages(messages, weighingBy(names)));
const names = learntNames(() => true);
for (const name of LEARNT) {
  const block = blockFrom(name);
  writeFileSync(weightsPath(name), artefact(learntOf(names, name), { caution: block, block }));
  process.stdout.write(`${name} from ${block}\n`);
}
process.stdout.write(`\nLearnt from, each left out once:\n\n${delicateTable(leftOut)}`);
process.stdout.write(`\nKept back:\n\n${delicateTable(judgedMessages(ownDelicateTexts("kept")))}`);
