/**
 * Entry point of `npm run evals -- junk-train`: learns from mails of our own to tell advertising and fraud from what a desk
 * works on, and reports what it makes of mails that it was not taught.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  parsedModel,
  type Weights,
  weightsPath,
  wholeScore,
} from "#guard/input/classifier/classifier.ts";
import { featureRoom } from "#guard/input/classifier/features.ts";
import { junkText } from "#guard/input/junk.ts";
import { readLabelled } from "#evals/labelled-lines.ts";
import { artefact, type Learnt } from "./fit.ts";
import { learntFrom, wholeTexts } from "./whole-texts.ts";

/** Who sent it is left out: names and domains of our own mails tell nothing. */
const Mail = z.object({
  label: z.enum(["phishing", "sales", "customer"]),
  subject: z.string(),
  text: z.string(),
});

function mailsIn(name: string) {
  const file = join(import.meta.dirname, "..", "junk", name);
  return readLabelled(file, Mail, "mails").map(({ label, ...mail }) => ({
    isJunk: label !== "customer",
    text: junkText([mail]),
  }));
}

type Mails = ReturnType<typeof mailsIn>;

const FOLDS = 6;
/** Of the customers' mails left out, so many may be taken for junk; and, where a model read an offer, such a share. */
const ACCUSED_MAX = 1;
const LEANING_MAX = 0.05;
/** Above the lowest threshold that keeps this: other people's mails differ more. */
const MARGIN = 0.1;

/** So few mails fill no more buckets. */
const RECIPE = { hasWindows: false, buckets: 1 << 15, withoutOne: 0.15 };

function learntFromMails(mails: Mails): Learnt {
  const examples = wholeTexts(
    mails.map(({ text }) => text),
    RECIPE,
  );
  return learntFrom(examples, (mail) => ({ isOne: mails[mail]?.isJunk === true, weight: 1 }));
}

function scoresOf(mails: Mails, model: Weights) {
  return mails.map(({ isJunk, text }) => ({ isJunk, score: wholeScore(text, model) }));
}

const mails = mailsIn("learn.jsonl");
const leftOut = Array.from({ length: FOLDS }, (_, fold) => {
  const model = learntFromMails(mails.filter((_mail, at) => at % FOLDS !== fold));
  const out = mails.filter((_mail, at) => at % FOLDS === fold);
  return scoresOf(out, { ...model, step: 1, room: featureRoom() });
}).flat();
const customers = leftOut
  .filter(({ isJunk }) => !isJunk)
  .map(({ score }) => score)
  .toSorted((one, other) => other - one);
const above = (most: number): number => Math.round(((customers[most] ?? 0) + MARGIN) * 100) / 100;
const thresholds = {
  block: above(ACCUSED_MAX),
  caution: above(Math.floor(customers.length * LEANING_MAX)),
};
const file = artefact(learntFromMails(mails), thresholds);
writeFileSync(weightsPath("junk"), file);
tell("learnt from, each left out once", leftOut);
tell("kept back", scoresOf(mailsIn("kept.jsonl"), parsedModel(file)));

function tell(set: string, scored: ReturnType<typeof scoresOf>): void {
  const count = (isJunk: boolean, from: number): string => {
    const all = scored.filter((one) => one.isJunk === isJunk);
    return `${all.filter(({ score }) => score >= from).length} of ${all.length}`;
  };
  for (const [tier, from] of Object.entries(thresholds))
    process.stdout.write(
      `${set}: ${tier} from ${from}: ${count(true, from)} junk found, ${count(false, from)} customers accused\n`,
    );
}
