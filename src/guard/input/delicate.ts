/**
 * Tells what only people answer, and who writes in anger: by weights learnt from texts of our own (`npm run evals --
 * delicate-train`), and by what an operator adds. Pure: the same text always gets the same answer. Linear in the text.
 */
import type { DelicateTopic, InputGuard } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import { excerpt, partAround } from "#core/values/words.ts";
import { mask } from "#guard/mask-secrets.ts";
import { normalise } from "#text/normalize.ts";
import { labelled, phraseMatcher } from "#text/phrase-matcher.ts";
import { builtInModel, type Model, strongestPassages } from "./classifier/classifier.ts";

/** By what may follow, the gravest first: of several topics that a message clearly has, the first counts. */
const DELICATE_ORDER = [
  "self_harm",
  "threat",
  "injury",
  "hacked_account",
  "legal",
  "chargeback",
  "data_request",
  "press",
  "abuse",
] as const satisfies readonly Exclude<DelicateTopic, "vip">[];

/** What weights are learnt of, each under its name: the topics, and anger. */
export const LEARNT = [...DELICATE_ORDER, "angry"] as const;

/** Gives the weights of a name: those of this version, or others to try. */
export type Weighing = (name: (typeof LEARNT)[number]) => Model;

/** More than customers write to a shop; what stands after it is not weighed. */
const WEIGHED_MAX = 30_000;
/** What an operator's phrase is worth beside what weights say: more than any text comes to. */
const OWN_SCORE = 1_000;
/** Characters of a sentence that are shown as the reason. */
const SHOWN_MAX = 160;

/** A topic of a text, with the words that say it most; the scores of all topics are on one scale. */
interface TopicRead {
  readonly topic: (typeof DELICATE_ORDER)[number];
  readonly words: string;
  readonly score: number;
}

/** The topics that weights read in a normalised text. */
function topicsIn(plain: string, weighing: Weighing): readonly TopicRead[] {
  const models = DELICATE_ORDER.map(weighing);
  const passages = strongestPassages(plain.slice(0, WEIGHED_MAX), models);
  return DELICATE_ORDER.flatMap((topic, at) => {
    const [passage, model] = [passages[at] ?? null, models[at]];
    if (passage === null || model === undefined) return [];
    const { score, worst } = passage;
    if (score < model.heading.block) return [];
    return [{ topic, score, words: plain.slice(worst.from, worst.to) }];
  });
}

/** From this score on a topic is clearly there. Below, what is grave looks a little like all of the rest. */
const CLEAR_SCORE = 1.5;

/** Whether people answer without a draft. Despair is never weighed once more: wherever it is read, it counts. */
function isClear({ topic, score }: Pick<TopicRead, "topic" | "score">): boolean {
  return topic === "self_harm" || score >= CLEAR_SCORE;
}

/** The topic that counts: the gravest clear one, else the likeliest, whatever each needs to count at all. Null without any. */
function gravest(read: readonly TopicRead[]): TopicRead | null {
  const likeliest = read.toSorted((one, other) => other.score - one.score);
  const clear = likeliest.filter(isClear);
  const gravestTopic = DELICATE_ORDER.find((topic) => clear.some((one) => one.topic === topic));
  return clear.find(({ topic }) => topic === gravestTopic) ?? likeliest[0] ?? null;
}

/** What weights say that a message is about; null for nothing delicate. */
export function readTopic(
  message: Pick<Message, "subject" | "text">,
  weighing: Weighing = builtInModel,
): TopicRead | null {
  return gravest(topicsIn(normalise(wholeText(message)), weighing));
}

/** Subject and text of a message as one. */
export function wholeText({ subject, text }: Pick<Message, "subject" | "text">): string {
  return `${subject}\n\n${text}`;
}

/** True when a text reads as if written in anger, so that a person reads it before others. */
export function isAngryText(text: string, weighing: Weighing = builtInModel): boolean {
  const angry = weighing("angry");
  const [passage] = strongestPassages(normalise(text.slice(0, WEIGHED_MAX)), [angry]);
  return (passage?.score ?? Number.NEGATIVE_INFINITY) >= angry.heading.block;
}

/** What an operator adds to what is learnt, and whose messages always go to people. */
interface DelicateOptions {
  readonly words: Readonly<Partial<Record<DelicateTopic, readonly string[]>>>;
  readonly vip: readonly string[];
}

/**
 * Detects topics that people answer, with the customer's sentence. Only the writer's own new text counts: an old
 * quotation of "I will sue" is not said again.
 */
export function createDelicateWatch({ words, vip }: DelicateOptions): InputGuard["delicate"] {
  const ownPhrases = phraseMatcher(
    DELICATE_ORDER.flatMap((topic) => labelled(topic, (words[topic] ?? []).map(plainPhrase))),
  );
  const important = new Set(vip.map((entry) => entry.trim().toLowerCase()));

  function topicsOf(message: Message): readonly TopicRead[] {
    const whole = wholeText(message);
    const plain = normalise(whole);
    const own = ownPhrases(plain).map(({ label, words: said }) => ({
      topic: label,
      words: said,
      score: OWN_SCORE,
    }));
    return [...own, ...topicsIn(plain, builtInModel)].map((read) => ({
      ...read,
      words: excerpt(mask(partAround(whole, read.words, 0) ?? read.words), SHOWN_MAX),
    }));
  }

  return (messages) => {
    const found = gravest(messages.flatMap(topicsOf));
    const name = messages.flatMap(writerNames).find((one) => important.has(one));
    if (name !== undefined && (found === null || !isClear(found)))
      return { topic: "vip", words: name };
    if (found === null) return null;
    const { topic, words } = found;
    return isClear(found) ? { topic, words } : { topic, words, isWeak: true };
  };
}

/** An operator writes plain text; each entry must match as written. */
function plainPhrase(words: string): string {
  return normalise(words)
    .replaceAll(/[^\p{L}\p{N}_' ]/gu, " ")
    .trim()
    .replaceAll(/\s+/g, " ");
}

/** The names under which a writer may be on the VIP list. A claimed name is enough: it only costs a person's time. */
function writerNames({ author, identity: { handle } }: Message): readonly string[] {
  const id = author.id.toLowerCase();
  if (handle.kind === "customer") return [id, handle.customerId.toLowerCase()];
  if (handle.kind === "none") return [id];
  return [id, ...addressNames(handle.email)];
}

/** How a list of the policy names an address: as it is, and by its "@domain" ending. */
export function addressNames(address: string): readonly string[] {
  const email = address.toLowerCase();
  return [email, email.slice(email.lastIndexOf("@"))];
}
