/** `deskhand tools import convert`: a folder of tools that version 0.3 wrote as programs, as files that are read. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import type { ImportPlace } from "#importing/command/screen.ts";
import { writeSystemFiles } from "#importing/command/write-system.ts";
import { type DeclarationFile, fileText, withoutDigest } from "#importing/generate/write-files.ts";
import { CONNECTION_FILE, DATABASE_FILE } from "#systems/declaration-files.ts";
import { declarationContent } from "./content.ts";
import { declaredIn } from "./literal.ts";

/** What version 0.3 noted of its last import. */
const Noted = z.object({ files: z.record(z.string(), z.string()) });

/** What one program became; what could not be read names its line. */
type Converted =
  | { readonly file: DeclarationFile; readonly isTouched: boolean; readonly problem: null }
  | { readonly file: null; readonly problem: string };

/**
 * Writes a file for each program of the folder, and runs none of them. What it cannot read it names, and throws
 * `input.invalid` in the end. The programs stay where they are; they are not used any more.
 */
export async function convertFolder(named: string, place: ImportPlace): Promise<void> {
  const folder = resolve(place.folder, named);
  const texts = await programsIn(folder);
  const noted = Noted.safeParse(jsonOrNull(texts.get(".imported.json") ?? ""));
  const before = noted.success ? noted.data.files : {};
  const converted = [...texts]
    .filter(([name]) => /(?<!\.test)\.ts$/.test(name) && name !== "index.ts")
    .map(([name, text]) => convertedFile(name, text, before[name] !== text));
  const problems = converted.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  const files = converted.flatMap((one) => (one.file === null ? [] : [one]));
  if (converted.length === 0) throw invalidInput(`${named} has no tools of version 0.3.`);
  await writeSystemFiles(
    folder,
    basename(folder),
    new Map(
      files.map(({ file, isTouched }) => [
        file.name,
        // Only what no person changed may be overwritten by the next import.
        isTouched ? withoutDigest(fileText(file)) : fileText(file),
      ]),
    ),
    place,
  );
  if (problems.length > 0)
    throw invalidInput(
      `${problems.length} of ${converted.length} files were not converted:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    );
  place.print("The programs (*.ts, .imported.json) are not used any more and can be deleted.");
}

async function programsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch(() => {
    throw invalidInput(`${folder} is no folder that can be read.`);
  });
  const read = names.filter((name) => /\.ts$|^\.imported\.json$/.test(name)).toSorted();
  return new Map(
    await Promise.all(
      read.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

function convertedFile(name: string, text: string, isTouched: boolean): Converted {
  try {
    const [[constant, literal] = [], ...more] = declaredIn(text, name);
    if (constant === undefined || literal === undefined || more.length > 0)
      return { file: null, problem: `${name}: it has to declare exactly one thing` };
    const content = declarationContent(literal, name);
    const shared = constant === "connection" ? CONNECTION_FILE : DATABASE_FILE;
    const file = name === "connection.ts" ? shared : name.replace(/\.ts$/, ".yaml");
    return { file: { name: file, about: [], content }, isTouched, problem: null };
  } catch (error) {
    if (error instanceof DeskhandError) return { file: null, problem: error.message };
    throw error;
  }
}
