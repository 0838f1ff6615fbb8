/** The page of error codes, made from the table of errors. */
import { namedErrors } from "#core/values/errors.ts";
import { code, table } from "./markdown.ts";

/** `docs/errors.md`. */
export function errorsPage(): string {
  return `# Error codes

For admins and developers: the errors Deskhand expects have a name, which stands in the log, in answers of its endpoints, in alerts and on cards. This page is made from the program by \`npm run docs\`, and a test compares them.

"Tried again" means that the same thing is tried again without a person. "HTTP" is the status with which Deskhand's own endpoints answer.

${table(
  ["Code", "Meaning", "Tried again", "HTTP"],
  namedErrors().map(({ code: name, meaning, retry, status }) => [
    code(name),
    meaning,
    retry ? "yes" : "no",
    String(status),
  ]),
)}
`;
}
