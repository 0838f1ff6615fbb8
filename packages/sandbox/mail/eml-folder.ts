/** Mails as files: one folder of `.eml` files whose names tell their order and when they came. */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE_NAME = /^(\d{8})-(\d{1,15})\.eml$/;

/** A folder of mails, oldest first. */
export interface EmlFolder {
  /** Keeps a mail and returns its file name; the file is whole or absent, whatever happens to the process. */
  append(raw: Buffer, at: Date): string;
  /** The file names in order of arrival. */
  list(): string[];
  read(file: string): Buffer;
  remove(file: string): void;
}

/** When the mail of this file name arrived. */
export function arrivalOf(file: string): Date {
  return new Date(Number(FILE_NAME.exec(file)?.[2] ?? 0));
}

/** Opens a folder, made when absent. Files that are no mails of ours are left alone. */
export function openEmlFolder(directory: string): EmlFolder {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .toSorted();
  let sequence = Number(FILE_NAME.exec(files.at(-1) ?? "")?.[1] ?? 0);
  return {
    append: (raw, at) => {
      sequence += 1;
      const file = `${String(sequence).padStart(8, "0")}-${at.getTime()}.eml`;
      const path = join(directory, file);
      writeFileSync(`${path}.part`, raw, { mode: 0o600 });
      renameSync(`${path}.part`, path);
      files.push(file);
      return file;
    },
    list: () => [...files],
    read: (file) => readFileSync(join(directory, file)),
    remove: (file) => {
      const index = files.indexOf(file);
      if (index < 0) return;
      files.splice(index, 1);
      rmSync(join(directory, file), { force: true });
    },
  };
}
