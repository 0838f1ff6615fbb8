/** Formats generated files as the project's own formatter does. */

/** The settings of the project, in `.oxfmtrc.json`. */
const OPTIONS = { printWidth: 100 };

/** Formats one file. An installed package has no formatter: there the file is written as it was made. */
export async function formatted(name: string, text: string): Promise<string> {
  const formatter = await import("oxfmt").catch(() => null);
  if (formatter === null) return text;
  const { code, errors } = await formatter.format(name, text, OPTIONS);
  const [problem] = errors;
  if (problem !== undefined)
    throw new Error(`${name} was generated with a mistake: ${problem.message}`);
  return code;
}
