/** All mailboxes except the support address: what they received, and what was written on the page. */

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { openEmlFolder, type EmlFolder } from "./eml-folder.ts";

const MAILBOXES_MAX = 2000;

/** One person's mail. */
interface PersonMailbox {
  readonly received: EmlFolder;
  readonly sent: EmlFolder;
}

/** All mailboxes by address. */
export interface People {
  /** The mailbox of an address, made when absent; throws when there are too many. */
  open(address: string): PersonMailbox;
  /** The mailbox of an address that has one. */
  find(address: string): PersonMailbox | undefined;
  addresses(): string[];
}

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

function openPerson(directory: string, name: string): PersonMailbox {
  return {
    received: openEmlFolder(join(directory, name, "received")),
    sent: openEmlFolder(join(directory, name, "sent")),
  };
}

/** Opens what is on disk below `directory`. */
export function openPeople(directory: string): People {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const boxes = new Map(
    readdirSync(directory).map((name) => [
      Buffer.from(name, "hex").toString("utf8"),
      openPerson(directory, name),
    ]),
  );
  return {
    find: (address) => boxes.get(canonicalAddress(address)),
    addresses: () => [...boxes.keys()],
    open: (given) => {
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
