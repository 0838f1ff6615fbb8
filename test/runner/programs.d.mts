/** A program of the developer's, as `programs.mjs` describes it. */
export interface Program {
  readonly file: string;
  readonly first: readonly string[];
}
export const PROGRAMS: Readonly<Record<string, Readonly<Record<string, Program>>>>;
export function chosenProgram(
  script: string,
  given: readonly string[],
): { readonly program: Program; readonly parameters: readonly string[] };
