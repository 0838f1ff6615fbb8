/** Wraps a reply in the greeting and signature of its brand and channel. */
import type { Voice } from "#core/contracts/policy.ts";
import type { LetterForm, VoiceEntry } from "./schema.ts";

/** The text opens like a letter, so our greeting would be the second one. */
const GREETED = /^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening))\b[^\n]{0,60}[,!]\s/i;

/** A first name and nothing else: our letters print what the customer entered as a name in the shop. */
const FIRST_NAME = /^\p{L}[\p{L}\p{M}'’-]{0,39}$/u;

/** What a brand says on a channel: its own text where it has any, else the channel's. */
export function letterOf(voice: VoiceEntry, brand: string): LetterForm {
  const { brands, ...letter } = voice;
  const own = Object.hasOwn(brands, brand) ? brands[brand] : undefined;
  if (own === undefined) return letter;
  return {
    greeting: own.greeting ?? letter.greeting,
    greeting_without_name: own.greeting_without_name ?? letter.greeting_without_name,
    signature: own.signature ?? letter.signature,
    automatic_line: own.automatic_line ?? letter.automatic_line,
    tone: own.tone ?? letter.tone,
    forbidden: [...letter.forbidden, ...(own.forbidden ?? [])],
  };
}

/** The tone and forbidden phrases for the answer itself. */
export function soundOf({ tone, forbidden }: LetterForm): Voice {
  return { tone, forbidden };
}

/**
 * The text as it goes out: greeting, text, signature and, when no person read it first, the line that says so, unless a
 * text above it in the same window says it. The same input always gives the same bytes, because the seal covers them.
 */
export function compose(
  voice: LetterForm,
  text: string,
  {
    name,
    automatic,
    above = [],
  }: {
    readonly name: string | null;
    readonly automatic: boolean;
    readonly above?: readonly string[];
  },
): string {
  const body = text.replaceAll(/\r\n?/g, "\n").trim();
  const [firstName = ""] = (name ?? "").trim().split(/\s+/);
  const greeting = FIRST_NAME.test(firstName)
    ? voice.greeting.replaceAll("{name}", () => firstName)
    : voice.greeting_without_name;
  const line = voice.automatic_line;
  const isSaid = above.some((earlier) => earlier.includes(line));
  return [
    GREETED.test(body) ? "" : greeting.trim(),
    body,
    voice.signature.trim(),
    automatic && !isSaid ? line : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
