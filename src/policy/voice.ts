/** Wraps a reply in the greeting and signature of its brand and channel. */
import type { Voice } from "#core/contracts/policy.ts";
import type { LetterForm, VoiceEntry } from "./schema.ts";

/** Matches a text that already starts with a greeting, so a second one is not added. */
const GREETED = /^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening))\b[^\n]{0,60}[,!]\s/i;

/** A first name and nothing else: customers choose their name in the shop, and replies print it. */
const FIRST_NAME = /^\p{L}[\p{L}\p{M}'’-]{0,39}$/u;

/** The form of a brand on a channel: its own settings where it has any, else the channel's. */
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

/** The style of the reply between greeting and signature. */
export function soundOf({ tone, forbidden }: LetterForm): Voice {
  return { tone, forbidden };
}

/**
 * The text as it goes out: greeting, text, signature and, for a reply without review, the line that says so. The same
 * input always gives the same bytes, because the seal of an approval covers them.
 */
export function compose(
  voice: LetterForm,
  text: string,
  { name, automatic }: { readonly name: string | null; readonly automatic: boolean },
): string {
  const body = text.replaceAll(/\r\n?/g, "\n").trim();
  const [firstName = ""] = (name ?? "").trim().split(/\s+/);
  const greeting = FIRST_NAME.test(firstName)
    ? voice.greeting.replaceAll("{name}", () => firstName)
    : voice.greeting_without_name;
  return [
    GREETED.test(body) ? "" : greeting.trim(),
    body,
    voice.signature.trim(),
    automatic ? voice.automatic_line : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
