/** The page of error codes, made from the table of errors. */
import { namedErrors } from "#core/values/errors.ts";
import { code, table } from "./markdown.ts";

/** `docs/errors.md`. */
export function errorsPage(): string {
  return `# Error codes

For operators and developers: what an error's name in the log, an answer, an alert or a card means. This page is made from the program by \`npm run docs\`.

"Again" says whether it is tried again without a person. "HTTP" is the status of Deskhand's own endpoints.

${table(
  ["Code", "Meaning", "Again", "HTTP"],
  namedErrors().map(({ code: name, meaning, retry, status }) => [
    code(name),
    meaning,
    retry ? "yes" : "no",
    String(status),
  ]),
)}
`;
}
