/** Types of groups.mjs. */
export function grouped(files: readonly string[], folder: string): readonly string[];
