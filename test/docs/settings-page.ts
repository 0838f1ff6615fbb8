/** The page of settings and `.env.example`, both made from the schema of the environment. */
import { type Setting, type SettingsPart, settingsParts } from "#config/settings.ts";
import { code, table } from "./markdown.ts";

/** `docs/settings.md`. */
export function settingsPage(): string {
  const parts = settingsParts();
  const having = (use: SettingsPart["use"]): string =>
    parts
      .filter((part) => part.use === use)
      .map((part) => sectionFor(part, use === "by need" ? "###" : "##"))
      .join("\n\n");
  return `# Settings

For operators: find the variable that changes what you want to change. This page and [.env.example](../.env.example) are made from the program by \`npm run docs\`.

\`npm run -s deskhand -- init\` writes what you need into \`.env\`, in the folder Deskhand is started from; variables of the environment win over it. Every secret, \`DATABASE_URL\` and \`REDIS_URL\` can be given as the path of a file in \`NAME_FILE\` ([secrets](secrets.md#given-by-others)). An empty variable counts as not set, and without any the sandbox runs. A start names all mistakes at once; \`doctor\` tries what the values lead to. Secrets never appear in logs.

${having("needed")}

## By need

${having("by need")}

${having("rarely")}

Others read \`NODE_EXTRA_CA_CERTS\`, a file with certificates of an authority of your own for every connection with TLS. The tools of your own systems name further variables.
`;
}

function sectionFor({ title, about, together, settings }: SettingsPart, level: string): string {
  const groups = together.map((names) => `Set together: ${names.map(code).join(", ")}.`);
  const rows = table(
    ["Variable", "What it is", "Value"],
    settings.map((setting) => [code(setting.name), setting.purpose, valueFor(setting)]),
  );
  return [`${level} ${title}`, about, ...groups, rows].filter((part) => part !== "").join("\n\n");
}

/** What may stand there, and what holds when nothing does; an example where the schema names no choice. */
function valueFor({ choice, fallback, example, isSecret }: Setting): string {
  const values = isSecret ? "secret" : choice;
  if (fallback === null) return values ?? code(example);
  return [...(values === null ? [] : [values]), `default ${code(fallback)}`].join("; ");
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
