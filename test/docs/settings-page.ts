/** The page of settings and `.env.example`, both made from the schema of the environment. */
import { type Setting, type SettingsPart, settingsParts } from "./described-settings.ts";
import { code } from "./markdown.ts";

/** `docs/settings.md`. */
export function settingsPage(): string {
  const parts = settingsParts();
  const having = (use: SettingsPart["use"]): string =>
    parts
      .filter((part) => part.use === use)
      .map((part) => sectionFor(part, use === "by need" ? "###" : "##"))
      .join("\n\n");
  return `# Settings

For operators: find the variable that changes what you want to change. This page and [.env.example](../.env.example), which has an example of each, are made from the program by \`npm run docs\`.

\`npm run -s deskhand -- init\` writes what you need into \`.env\` where Deskhand is started; variables of the environment win over it, and an empty one counts as not set. In the file, a value with \`#\` needs quotes. \`NAME_FILE\` may name a file with a secret, \`DATABASE_URL\` or \`REDIS_URL\` ([secrets](secrets.md)). A start names all mistakes at once, and \`doctor\` tries what the values lead to. Values of \`TOKEN\`, \`SECRET\`, \`PASS\` and \`KEY\` never appear in logs.

${having("needed")}

## By need

${having("by need")}

${having("rarely")}

Others read \`NODE_EXTRA_CA_CERTS\`, a file with certificates of an authority of your own for every connection with TLS. The tools of your own systems name further variables.
`;
}

function sectionFor({ title, about, settings }: SettingsPart, level: string): string {
  const lines = settings.map(
    (setting) => `- ${code(setting.name)}: ${setting.purpose}${remarksOn(setting)}`,
  );
  return [`${level} ${title}`, about, lines.join("\n")].filter((part) => part !== "").join("\n\n");
}

/** What may stand there where that is not any text, and what holds when nothing does. */
function remarksOn({ choice, fallback }: Setting): string {
  const remarks = [
    ...(choice === null ? [] : [choice]),
    ...(fallback === null ? [] : [`default ${code(fallback)}`]),
  ];
  return remarks.length === 0 ? "" : ` (${remarks.join("; ")})`;
}

/** `.env.example`: every variable with an example, and none of them in force. */
export function envExample(): string {
  const parts = settingsParts().map(
    ({ title, settings }) => `# ${title}\n\n${settings.map(exampleFor).join("\n")}`,
  );
  return `# Settings of Deskhand. Remove the "# " before a variable to set it; docs/settings.md explains each.
# Copy it to .env in the folder Deskhand is started from, readable by its owner alone, since it holds secrets, or let
# \`deskhand init\` write that file. Made from the program by \`npm run docs\`.

${parts.join("\n\n")}
`;
}

function exampleFor({ name, purpose, choice, fallback, example, isSecret }: Setting): string {
  const remarks = [
    ...(choice === null ? [] : [choice.replaceAll("`", "")]),
    ...(fallback === null ? [] : [`default ${fallback}`]),
    ...(isSecret ? ["secret"] : []),
  ];
  const words = purpose.replaceAll("`", "");
  return `# ${remarks.length === 0 ? words : `${words} (${remarks.join("; ")})`}\n# ${name}=${quoted(example)}`;
}

/** Shells and supervisors split at white space. */
function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
