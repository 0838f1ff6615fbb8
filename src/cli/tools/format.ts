/** Formats generated files as the project's own formatter does. */
import { DeskhandError } from "#core/values/errors.ts";

/** The settings of the project, in `.oxfmtrc.json`. */
const OPTIONS = { printWidth: 100 };

/**
 * Formats one file. Throws `input.invalid` where the formatter is not installed, before anything is written: tools are
 * code, and are made where the project is worked on.
 */
export async function formatted(name: string, text: string): Promise<string> {
  const { format } = await import("oxfmt").catch((error: unknown) => {
    throw new DeskhandError(
      "input.invalid",
      "The formatter is not installed here, so nothing was written. Import tools in a checkout of the project, after `npm ci`.",
      { cause: error },
    );
  });
  const { code, errors } = await format(name, text, OPTIONS);
  const [problem] = errors;
  if (problem !== undefined)
    throw new Error(`${name} was generated with a mistake: ${problem.message}`);
  return code;
}
