/** The page of settings and `.env.example`, both made from the schema of the environment. */
import { type Setting, type SettingsPart, settingsParts } from "#config/settings.ts";
import { code, table } from "./markdown.ts";

/** `docs/settings.md`. */
export function settingsPage(): string {
  return `# Settings

For admins: every environment variable, by the part it belongs to. This page and [.env.example](../.env.example) are made from the program by \`npm run docs\`, and a test compares them.

An empty variable counts as not set. All wrong and missing ones are named together in one message when Deskhand starts, and \`npm run -s deskhand -- doctor\` tries what they lead to. Values marked as secret never appear in logs and messages. With nothing set at all, everything runs in the sandbox.

They are read from the environment and from \`.env\` in the folder Deskhand is started from, which \`npm run -s deskhand -- init\` writes; what is set outside the file wins. A variable marked as secret, \`DATABASE_URL\` and \`REDIS_URL\` can each be given as the path of a file in \`NAME_FILE\`, which is read again when it changes: see [secrets.md](secrets.md#given-by-others).

${settingsParts().map(sectionOf).join("\n\n")}

## Read by others

\`NODE_EXTRA_CA_CERTS\` names a file with certificates of an authority of your own, for every connection with TLS. \`OPENAI_API_KEY\` also decides which model \`npm run evals\` runs with.
`;
}

function sectionOf({ title, about, needed, settings }: SettingsPart): string {
  const together =
    needed.length > 1
      ? `\n\nOne of them makes these necessary: ${needed.map(code).join(", ")}.`
      : "";
  return `## ${title}

${about}${together}

${table(
  ["Variable", "What for", "Form", "Default", "Example", "Secret"],
  settings.map((setting) => [
    code(setting.name),
    setting.purpose,
    setting.form,
    setting.fallback === null ? "–" : code(setting.fallback),
    code(setting.example),
    setting.isSecret ? "yes" : "no",
  ]),
)}`;
}

/** `.env.example`: every variable with an example, and none of them in force. */
export function envExample(): string {
  const parts = settingsParts().map(
    ({ title, settings }) => `# ${title}\n\n${settings.map(exampleOf).join("\n")}`,
  );
  return `# Settings of Deskhand. Remove the "# " before a variable to set it; docs/settings.md explains each.
# Copy it to .env in the folder Deskhand is started from, readable by its owner alone, since it holds secrets, or let
# \`deskhand init\` write that file. Made from the program by \`npm run docs\`.

${parts.join("\n\n")}
`;
}

function exampleOf({ name, purpose, form, fallback, example, isSecret }: Setting): string {
  const remarks = [
    form.replaceAll("`", ""),
    ...(fallback === null ? [] : [`default ${fallback}`]),
    ...(isSecret ? ["secret"] : []),
  ];
  return `# ${purpose.replaceAll("`", "")} (${remarks.join("; ")})\n# ${name}=${quoted(example)}`;
}

/** Shells and supervisors split at white space. */
function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
