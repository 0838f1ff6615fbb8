/** What operators know to be harmless: phrases that are not judged, and senders whose messages are never stopped. */
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { literally } from "#core/values/words.ts";
import { addressNames } from "./delicate.ts";
import { combined, worse } from "./input-guard.ts";

/** What the policy says about it. */
export interface KnownHarmless {
  /** Left out of what is judged wherever they stand, in capital letters or small ones. */
  readonly phrases: readonly string[];
  /** Addresses and "@domain" endings of senders who are proven: what would stop them is only doubted. */
  readonly senders: readonly string[];
}

/**
 * The guard with these exceptions. A phrase that is left out separates what stands before it from what stands behind, so
 * no attack is put together by leaving it out. A sender is trusted only with proof, and never to allow what is doubted.
 * Where an entry decided, the reasons say which.
 */
export function withKnownHarmless(guard: InputGuard, known: KnownHarmless): InputGuard {
  const senders = new Set(known.senders.map((entry) => entry.trim().toLowerCase()));
  const judged = withoutPhrases(known.phrases);
  const named = phrasesNamed(known.phrases);
  if (senders.size === 0 && known.phrases.length === 0) return guard;

  function inspectOne(message: Message): GuardVerdict {
    const { subject, text, segments } = message;
    const left = {
      ...message,
      subject: judged(subject),
      text: judged(text),
      segments: segments.map((segment) => ({ ...segment, text: judged(segment.text) })),
    };
    const found = guard.inspect([left]);
    const lines = [subject, text, ...segments.map((segment) => segment.text)].join("\n\n");
    const phrases = named(lines);
    const whole = phrases.length === 0 ? found : guard.inspect([message]);
    const isEased =
      found.verdict !== whole.verdict && worse(found.verdict, whole.verdict) === whole.verdict;
    const remarks = isEased
      ? phrases.map(
          (phrase) => `the policy takes “${phrase}” for harmless (guard.harmless_phrases)`,
        )
      : [];
    return found.verdict === "block" && senderNames(message).some((name) => senders.has(name))
      ? { verdict: "caution", reasons: [TRUSTED, ...remarks, ...found.reasons] }
      : { ...found, reasons: [...remarks, ...found.reasons] };
  }

  return {
    ...guard,
    inspect: (messages) => combined(messages.map(inspectOne)),
    inspectText: (text, origin, isOwn) => guard.inspectText(judged(text), origin, isOwn),
  };
}

/** For card and trace, where an entry of the policy decided. */
const TRUSTED =
  "the policy trusts the proven sender (guard.trusted_senders): doubted instead of stopped";

/** The phrases that stand in a text, as the policy writes them. */
function phrasesNamed(phrases: readonly string[]): (text: string) => readonly string[] {
  const patterns = phrases.map((phrase) => ({
    phrase,
    pattern: new RegExp(literal(phrase), "iu"),
  }));
  return (text) =>
    patterns.filter(({ pattern }) => pattern.test(text)).map(({ phrase }) => phrase.trim());
}

/** Ends the sentence it takes a phrase out of. */
const CUT = " …\n\n";

function withoutPhrases(phrases: readonly string[]): (text: string) => string {
  if (phrases.length === 0) return (text) => text;
  // Of two that begin alike the longer one counts.
  const longestFirst = phrases.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(literal).join("|"), "giu");
  return (text) => text.replace(pattern, CUT);
}

/** A phrase matches as written, with any white space between its words. */
function literal(phrase: string): string {
  return phrase
    .trim()
    .split(/\s+/)
    .map(literally)
    .join(String.raw`\s{1,9}`);
}

function senderNames({ identity: { level, handle } }: Message): readonly string[] {
  return level < PROVEN_LEVEL || handle.kind !== "email" ? [] : addressNames(handle.email);
}
