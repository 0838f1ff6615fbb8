/** The page of error codes, made from the table of errors. */
import { ERROR_CODES, type ErrorCode } from "#core/values/errors.ts";
import { code } from "./markdown.ts";

/** `docs/errors.md`. */
export function errorsPage(): string {
  return `# Error codes

For operators and developers: what an error's name in the log, an answer, an alert or a card means. This page is made from the program by \`npm run docs\`.

Brackets hold the status of Deskhand's own endpoints, and "again" where the same is tried again without a person.

${Object.entries(ERROR_CODES).map(lineFor).join("\n")}
`;
}

function lineFor([name, { meaning, retry, status }]: readonly [
  string,
  (typeof ERROR_CODES)[ErrorCode],
]): string {
  return `- ${code(name)} (${status}${retry ? ", again" : ""}): ${meaning}`;
}
