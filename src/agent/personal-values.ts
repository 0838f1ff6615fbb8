/** Keeps personal data of a tool's result out of traces: that there is a value is shown, which one is not. */

const MASKED = "[personal]";

/** The result with each property of one of these names replaced, however deep. */
export function withoutPersonal(result: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return result;
  if (Array.isArray(result)) return result.map((one) => withoutPersonal(one, names));
  if (typeof result !== "object" || result === null) return result;
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [
      name,
      names.includes(name) && value !== null ? MASKED : withoutPersonal(value, names),
    ]),
  );
}
