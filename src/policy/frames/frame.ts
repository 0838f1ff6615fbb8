/** What a language has to say around answers, and how its letters begin and end. */
import { z } from "zod";
import type { PolicyTexts } from "#core/contracts/policy.ts";

/** Text a customer gets without a person checking it again. */
export const CustomerText = z.string().trim().min(10).max(1_000);

/** A text that names the next opening. */
export const ClosedText = CustomerText.refine((text) => text.includes("{opening}"), {
  error: "must say {opening}, which stands for the next opening",
});

/** The words of one language, as an operator writes them for a language that is not built in. */
export const LanguageEntry = z.strictObject({
  greeting: z.string().trim().min(2).max(200),
  greeting_without_name: z.string().trim().min(2).max(200),
  /** The line above the name in a signature, such as "Kind regards". */
  closing: z.string().trim().min(2).max(100),
  automatic_line: z.string().trim().min(5).max(300),
  handover: CustomerText,
  unavailable: CustomerText,
  pending: CustomerText,
  paused: CustomerText,
  answered_privately: CustomerText,
  closed: ClosedText,
  /** What a customer is told about a delicate message. */
  holding: CustomerText,
});
export type LanguageEntry = z.infer<typeof LanguageEntry>;

/** Everything around answers in one language. */
export interface LanguageFrame extends PolicyTexts {
  /** With `{opening}` for the next opening. */
  readonly closed: string;
  /** To the writer of a delicate message. */
  readonly holding: string;
  /** `{name}` is replaced by the first name in the shop's record. */
  readonly greeting: string;
  readonly greetingWithoutName: string;
  readonly closing: string;
  readonly automaticLine: string;
  /** The sentences that differ where customers are addressed as du, tu or tú; left out where the language has one form. */
  readonly familiar?: Partial<FramedSentences>;
  /** With what letters begin in it, in small letters; by these a greeting that a model wrote is found. */
  readonly greetings: readonly string[];
  /** With what letters end in it, in small letters. */
  readonly closings: readonly string[];
}

/** The sentences of a frame that address the customer. */
type FramedSentences = Pick<
  LanguageFrame,
  keyof PolicyTexts | "closed" | "holding" | "automaticLine"
>;

/** The frame with its familiar sentences. */
export function familiarly(frame: LanguageFrame): LanguageFrame {
  return { ...frame, ...frame.familiar };
}

/** The frame of a language the operator has added. Its own greeting and closing are those a model would write. */
export function languageFrame(entry: LanguageEntry): LanguageFrame {
  const { greeting, greeting_without_name, automatic_line, answered_privately, ...same } = entry;
  return {
    ...same,
    greeting,
    greetingWithoutName: greeting_without_name,
    automaticLine: automatic_line,
    answeredPrivately: answered_privately,
    greetings: [greeting, greeting_without_name].flatMap(
      (text) => /^[\p{L}\p{M}]+/u.exec(text.toLowerCase())?.[0] ?? [],
    ),
    closings: [entry.closing.toLowerCase()],
  };
}
