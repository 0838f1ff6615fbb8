/** What the rules look at to tell people from machines: the mail, and our own names. */
import type { Head } from "#email/mime/headers.ts";
import type { MimePart } from "#email/mime/part.ts";
/** By what we know our own mail when it comes back. */
export interface OwnNames {
  readonly messageIdDomain: string;
  /** Addresses in lower case. */
  readonly inboxes: readonly string[];
}

/** What of a mail the rules look at. */
export interface ClassifierInput {
  readonly head: Head;
  /** Decoded, as a person reads it. */
  readonly subject: string;
  /** Of the first part with text, decoded. */
  readonly text: string;
  readonly parts: readonly MimePart[];
}
