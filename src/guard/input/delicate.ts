/** Detects topics that only people answer. */
import type { DelicateTopic, InputGuard } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import { DELICATE_ORDER, DELICATE_PHRASES } from "./delicate-phrases.ts";
import { DELICATE_PHRASES_GERMANIC } from "./delicate-phrases-germanic.ts";
import { DELICATE_PHRASES_OTHER } from "./delicate-phrases-other.ts";
import { normalise } from "#text/normalize.ts";
import { type Phrase, phraseMatcher } from "#text/phrase-matcher.ts";

/**
 * Detects topics that people answer. Only the writer's own new text counts: an old quotation of "I will sue" is not
 * said again. When several topics are found, the most urgent is returned.
 */
export function createDelicateWatch(options: {
  readonly words: Readonly<Partial<Record<DelicateTopic, readonly string[]>>>;
  readonly vip: readonly string[];
}): InputGuard["delicate"] {
  const match = phraseMatcher([
    ...DELICATE_ORDER.flatMap((topic) =>
      [...DELICATE_PHRASES[topic], ...ownPhrases(options.words[topic] ?? [])].map((phrase) => ({
        ...phrase,
        label: topic,
      })),
    ),
    ...IN_OTHER_LANGUAGES,
  ]);
  const vip = new Set(options.vip.map((entry) => entry.trim().toLowerCase()));

  return (messages) => {
    const found = messages.flatMap(({ subject, text }) =>
      match(normalise(`${subject}\n\n${text}`)),
    );
    for (const topic of DELICATE_ORDER) {
      const hit = found.find(({ label }) => label === topic);
      if (hit !== undefined) return { topic, words: hit.words };
    }
    const important = messages.flatMap(namesOf).find((name) => vip.has(name));
    return important === undefined ? null : { topic: "vip", words: important };
  };
}

/** All languages at once: a message may be too short to tell its own, and a threat is one in any. */
const IN_OTHER_LANGUAGES = [
  ...Object.values(DELICATE_PHRASES_GERMANIC),
  ...Object.values(DELICATE_PHRASES_OTHER),
].flatMap((topics) =>
  DELICATE_ORDER.flatMap((label) => (topics[label] ?? []).map((steps) => ({ steps, label }))),
);

/** An operator writes plain text; each entry must match as written. */
function ownPhrases(words: readonly string[]): readonly Phrase[] {
  return words.map((entry) => ({
    steps: normalise(entry)
      .replaceAll(/[^\p{L}\p{N}_' ]/gu, " ")
      .trim()
      .replaceAll(/\s+/g, " "),
  }));
}

/** The names under which a writer may be on the VIP list. A claimed name is enough: it only costs a person's time. */
function namesOf({ author, identity: { handle } }: Message): readonly string[] {
  const id = author.id.toLowerCase();
  if (handle.kind === "customer") return [id, handle.customerId.toLowerCase()];
  if (handle.kind === "none") return [id];
  const email = handle.email.toLowerCase();
  return [id, email, email.slice(email.lastIndexOf("@"))];
}
