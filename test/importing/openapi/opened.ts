/** Opens the documents of this folder, and texts as if they were documents. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  FieldDescription,
  OpenedSystem,
  OperationDescription,
  Problem,
} from "#importing/description.ts";
import { openOpenApi, type OpenOptions } from "#importing/openapi/open.ts";

const TRUSTING: OpenOptions = { inspect: () => null, isLocal: false };

/** Opens a document in `documents`. */
export function opened(name: string, options: Partial<OpenOptions> = {}): Promise<OpenedSystem> {
  return openOpenApi(join(import.meta.dirname, "documents", name), { ...TRUSTING, ...options });
}

/** Opens the bytes or values of a document from a folder of its own. */
export async function openedFrom(
  content: unknown,
  options: Partial<OpenOptions> = {},
): Promise<OpenedSystem> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-openapi-"));
  try {
    const file = join(folder, "document");
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(file, isRaw ? content : JSON.stringify(content));
    return await openOpenApi(file, { ...TRUSTING, ...options });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A document with these paths and schemas. */
export function documentOf(paths: object, schemas: object = {}): object {
  return { openapi: "3.0.0", info: { title: "Small" }, paths, components: { schemas } };
}

/** A read operation that answers with a schema. */
export function reading(schema: object): object {
  return { responses: { 200: { content: { "application/json": { schema } } } } };
}

/** The one operation of that name, and what is told of it. Throws with the problems when it could not become a tool. */
export async function described(
  system: OpenedSystem,
  name: string,
): Promise<OperationDescription & { readonly problems: readonly Problem[] }> {
  const { operations, problems } = await system.describe([name]);
  const [operation] = operations;
  if (operation === undefined) throw new Error(problems.map(({ says }) => says).join("\n"));
  return { ...operation, problems };
}

/** The field at a path. Throws when there is none. */
export function fieldAt(root: FieldDescription | undefined, path: string): FieldDescription {
  let at = root;
  for (const name of path.split(".")) {
    const fields: readonly FieldDescription[] = (at?.items ?? at)?.fields ?? [];
    at = fields.find((field) => field.name === name);
  }
  if (at === undefined) throw new Error(`there is no field ${path}`);
  return at;
}
