/** Names of files for tools, and what two of them would share. */
import { isToolFile } from "#systems/declaration-files.ts";

/** The file of a tool: `list-invoices.yaml`. */
export function toolFileName(tool: string): string {
  return `${tool.replaceAll("_", "-")}.yaml`;
}

/** The name of the operation in the policy: letters and underscores, 41 at most. */
export function policyOperation(tool: string): string {
  return tool.replaceAll(/[^a-z_]/g, "").slice(0, 41);
}

/** One line for each name that two tools share or that the folder needs itself; empty when all can be told apart. */
export function nameProblems(
  tools: readonly { readonly name: string; readonly operation: string; readonly kind: string }[],
): readonly string[] {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const { name, operation, kind } of tools) {
    if (!isToolFile(toolFileName(name)))
      problems.push(
        `${operation}.tool: no tool can be called ${name}, because the folder has a file of that name`,
      );
    const names = [
      toolFileName(name),
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
