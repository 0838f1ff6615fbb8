/** Tells columns that no tool should show by their names. */

/** Names that say that a column holds something that no tool should show. */
const SECRET_WORDS =
  /pass(?:word|wd|phrase|code)?|pwd|secret|token|hash|salt|credential|private|api_?key|session|cookie|otp|pin|cvv|cvc|iban|ssn|card_?num|pan/i;

/** Whether a column is offered only with a typed confirmation. Words are compared, so that `shipping` holds no `pin`. */
export function looksSecret(name: string): boolean {
  const words = name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== "");
  const whole = new RegExp(`^(?:${SECRET_WORDS.source})s?$`, "i");
  return (
    words.some(
      (word, index) => whole.test(word) || whole.test(`${word}_${words[index + 1] ?? ""}`),
    ) ||
    /password|passwd|secret|token|apikey|creditcard|hash(?:ed)?$/i.test(
      name.replaceAll(/[^A-Za-z]/g, ""),
    )
  );
}
