/** Names of files and constants for tools, and what two of them would share. */

/** The file of a tool: `list-invoices`. */
export function fileName(tool: string): string {
  return tool.replaceAll("_", "-");
}

/** The constant of a tool: `listInvoices`. */
export function constantName(tool: string): string {
  const name = tool.replaceAll(/_+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
  return RESERVED.has(name) ? `${name}Tool` : name;
}

/** Words TypeScript keeps, and names each generated file has already. */
const RESERVED = new Set(
  (
    "arguments await break case catch class connection const continue debugger default delete do else enum eval export " +
    "extends false finally for function if implements import in instanceof interface let new null package private " +
    "protected public return static super switch this throw true try typeof undefined var void while with yield z"
  ).split(" "),
);

/** The name of the operation in the policy: letters and underscores, 41 at most. */
export function policyOperation(tool: string): string {
  return tool.replaceAll(/[^a-z_]/g, "").slice(0, 41);
}

/** Names of a folder's own files, which no tool may have. */
const OWN_FILES = new Set(["connection", "index", "policy"]);

/** One line for each name that two tools share or that the folder needs itself; empty when all can be told apart. */
export function nameProblems(
  tools: readonly { readonly name: string; readonly operation: string; readonly kind: string }[],
): readonly string[] {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const { name, operation, kind } of tools) {
    if (OWN_FILES.has(fileName(name)))
      problems.push(
        `${operation}.tool: no tool can be called ${name}, because the folder has a file of that name`,
      );
    const names = [
      fileName(name),
      constantName(name),
      ...(kind === "read" ? [] : [`policy ${policyOperation(name)}`]),
    ];
    const other = names.map((one) => seen.get(one)).find((one) => one !== undefined);
    if (other !== undefined)
      problems.push(
        `${operation}.tool: ${name} would have the same name as the tool of ${other}; give one of them another name`,
      );
    for (const one of names) seen.set(one, operation);
  }
  return problems;
}
