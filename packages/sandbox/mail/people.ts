/** All mailboxes except the support address, as folders of mails: what they received, and what was written on the page. */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SUPPORT_ADDRESS } from "#sandbox/world.ts";

const MAILBOXES_MAX = 2000;

/** One address is one mailbox, however it is written. */
export function canonicalAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** Whether mail to this address is for the support mailbox; a plus part (RFC 5233) belongs to it. */
export function isSupport(address: string): boolean {
  const [local = "", domain] = canonicalAddress(address).split("@");
  return `${local.split("+")[0]}@${domain}` === SUPPORT_ADDRESS;
}

// An address may hold almost any character, so the folder's name is its encoding; hex can never leave the directory.
function folderName(address: string): string {
  return Buffer.from(address, "utf8").toString("hex");
}

function openPerson(directory: string, name: string) {
  return {
    received: openEmlFolder(join(directory, name, "received")),
    sent: openEmlFolder(join(directory, name, "sent")),
  };
}

/** All mailboxes by address. */
export type People = ReturnType<typeof openPeople>;

/** Opens what is on disk below `directory`. */
export function openPeople(directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const boxes = new Map(
    readdirSync(directory).map((name) => [
      Buffer.from(name, "hex").toString("utf8"),
      openPerson(directory, name),
    ]),
  );
  return {
    find: (address: string) => boxes.get(canonicalAddress(address)),
    addresses: () => [...boxes.keys()],
    /** The mailbox of an address, made when absent; throws when there are too many. */
    open: (given: string) => {
      const address = canonicalAddress(given);
      const known = boxes.get(address);
      if (known !== undefined) return known;
      // File names end at 255 bytes, of which hex takes two for each; RFC 5321 ends addresses at 254 anyway.
      if (Buffer.byteLength(address) > 120 || boxes.size >= MAILBOXES_MAX)
        throw new Error("no such mailbox, and none can be made");
      const box = openPerson(directory, folderName(address));
      boxes.set(address, box);
      return box;
    },
  };
}

// A folder of mails: one `.eml` file each, whose names tell their order and when they came.

const FILE_NAME = /^(\d{8})-(\d{1,15})\.eml$/;

/** A folder of mails, oldest first. */
export type EmlFolder = ReturnType<typeof openEmlFolder>;

/** When the mail of this file name arrived. */
export function arrivalOf(file: string): Date {
  return new Date(Number(FILE_NAME.exec(file)?.[2] ?? 0));
}

/** Opens a folder, made when absent. Files that are no mails of ours are left alone. */
export function openEmlFolder(directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .toSorted();
  let sequence = Number(FILE_NAME.exec(files.at(-1) ?? "")?.[1] ?? 0);
  return {
    /** Keeps a mail and returns its file name; the file is whole or absent, whatever happens to the process. */
    append: (raw: Buffer, at: Date): string => {
      sequence += 1;
      const file = `${String(sequence).padStart(8, "0")}-${at.getTime()}.eml`;
      const path = join(directory, file);
      writeFileSync(`${path}.part`, raw, { mode: 0o600 });
      renameSync(`${path}.part`, path);
      files.push(file);
      return file;
    },
    /** The file names in order of arrival. */
    list: (): string[] => [...files],
    read: (file: string): Buffer => readFileSync(join(directory, file)),
    remove: (file: string): void => {
      const index = files.indexOf(file);
      if (index < 0) return;
      files.splice(index, 1);
      rmSync(join(directory, file), { force: true });
    },
  };
}
