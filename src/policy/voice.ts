import type { VoiceEntry } from "./schema.ts";

/** Opens like a letter does, so a greeting of ours would be the second one. */
const GREETED = /^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening))\b[^\n]{0,60}[,!]\s/i;

/** A first name and nothing else: what a customer entered as a name in the shop is printed in our letters. */
const FIRST_NAME = /^\p{L}[\p{L}\p{M}'’-]{0,39}$/u;

/**
 * The text as it goes out: greeting, text, signature and, when nobody read it first, the line that says so. The same
 * input always gives the same bytes, because a seal covers them.
 */
export function compose(
  voice: VoiceEntry,
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
