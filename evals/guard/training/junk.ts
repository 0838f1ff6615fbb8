/**
 * Entry point of `npm run evals -- junk-train`: learns from our own mails to tell advertising and fraud from what a desk
 * works on, and reports what it makes of mails that it was not taught.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  type eachWindow,
  parsedModel,
  type Weights,
  wholeScore,
} from "#guard/input/classifier/classifier.ts";
import { featureRoom } from "#guard/input/classifier/features.ts";
import { JUNK_WEIGHTS_FILE, junkText } from "#guard/input/junk.ts";
import { readLabelled } from "#evals/labelled-lines.ts";
import { examplesOf } from "./examples.ts";
import { artefact, fit, type Learnt } from "./fit.ts";

const Mail = z.strictObject({
  label: z.enum(["phishing", "sales", "customer"]),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
});

/** A mail as it is learnt from: its sender is left out, since names and domains of our own texts tell nothing. */
function mailsIn(name: string) {
  const file = join(import.meta.dirname, "..", "junk", name);
  return readLabelled(file, Mail, "mails").map(({ label, ...mail }) => ({
    isJunk: label !== "customer",
    text: junkText([mail]),
  }));
}

type Mails = ReturnType<typeof mailsIn>;

const whole: typeof eachWindow = (sentences, visit) => {
  if (sentences.length > 0) visit(0, sentences.length - 1);
};

const COURSE = { epochs: 12, averaged: 6, seed: 68 };
const FOLDS = 6;
/** Of the customers' mails left out, so many may be taken for junk; and where a model read an offer, so many. */
const ACCUSED_MAX = 1;
const LEANING_MAX = 0.05;
/** Above the lowest threshold that keeps this: other people's mails differ more. */
const MARGIN = 0.1;

function learnt(mails: Mails): Learnt {
  const documents = mails.map(({ isJunk, text }, at) => ({
    id: String(at),
    text,
    kind: isJunk ? ("indirect" as const) : ("benign" as const),
    source: "mails",
    lang: "en",
    segment: "body" as const,
  }));
  const examples = examplesOf(documents, whole);
  const lessons = examples.examples.map(({ document }, example) => ({
    example,
    isAttack: mails[document]?.isJunk === true,
    weight: 1,
  }));
  return fit(examples, lessons, COURSE);
}

function scoresOf(mails: Mails, model: Weights) {
  return mails.map(({ isJunk, text }) => ({ isJunk, score: wholeScore(text, model) }));
}

const mails = mailsIn("learn.jsonl");
const leftOut = Array.from({ length: FOLDS }, (_, fold) => {
  const isOut = (at: number): boolean => at % FOLDS === fold;
  const model = learnt(mails.filter((_mail, at) => !isOut(at)));
  return scoresOf(
    mails.filter((_mail, at) => isOut(at)),
    { ...model, step: 1, room: featureRoom() },
  );
}).flat();
const customers = leftOut
  .filter(({ isJunk }) => !isJunk)
  .map(({ score }) => score)
  .toSorted((one, other) => other - one);
const block = (customers[ACCUSED_MAX] ?? 0) + MARGIN;
const caution = customers[Math.floor(customers.length * LEANING_MAX)] ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;
const thresholds = { block: round(block), caution: round(caution) };
const file = artefact(learnt(mails), thresholds);
writeFileSync(JUNK_WEIGHTS_FILE, file);
tell("learnt from, each left out once", leftOut);
tell("kept back", scoresOf(mailsIn("kept.jsonl"), parsedModel(file)));

function tell(set: string, scored: ReturnType<typeof scoresOf>): void {
  const count = (isJunk: boolean, from: number): string => {
    const all = scored.filter((one) => one.isJunk === isJunk);
    return `${all.filter(({ score }) => score >= from).length} of ${all.length}`;
  };
  for (const [name, from] of Object.entries(thresholds))
    process.stdout.write(
      `${set}: from ${from} (${name}) ${count(true, from)} junk found, ${count(false, from)} customers accused\n`,
    );
}
