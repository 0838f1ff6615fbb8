/** Finds variables that look like ours and are not read. */
import { editDistance, meantBy } from "#core/values/words.ts";
import { Environment } from "./environment.ts";

/** How names of the channels' variables begin. Others may begin so too: a secret of an inbox, a setting of a tool. */
const CHANNELS = /^(?:CHAT|MAIL|S3|SLACK|ZENDESK)_/;

/** Settings of earlier versions, with what there is in their place. */
const REMOVED: readonly (readonly [name: RegExp, instead: string])[] = [
  [
    /^ZENDESK_(?:(?:WRITER|READER|API)_TOKEN|(?:READER_)?EMAIL)(?:_FILE)?$/,
    "make OAuth clients (docs/zendesk.md)",
  ],
  [/^ZENDESK_RESUME_TAG$/, "the tag that hands a ticket back is bot_resume"],
  [/^ZENDESK_PROGRAM_ROUNDS$/, "a program is answered twice in a row"],
  [/^CHAT_IDENTITY_SECRETS/, "put both lines into the file of CHAT_IDENTITY_SECRET_FILE"],
];

/** So many letters are mistyped, as in `MAIL_AUTHSERVID`; or the end is missing, as in `MAIL_ALIAS`. */
const MISTYPED_MAX = 2;

/** Variables that look like ours and that this version does not read, each with a sentence: misspelt, or of another version. */
export function unreadSettings(environment: NodeJS.ProcessEnv) {
  const known = Environment.keyof().options;
  const names = new Set<string>(known);
  // A secret may also be given by the file it stands in.
  const isKnown = (name: string): boolean =>
    names.has(name) || names.has(name.replace(/_FILE$/, ""));
  const isNearly = (name: string): boolean =>
    known.some((one) => one.startsWith(name) || editDistance(name, one) <= MISTYPED_MAX);
  const insteadOf = (name: string) => REMOVED.find(([removed]) => removed.test(name))?.[1];
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith("DESKHAND_") ||
        insteadOf(name) !== undefined ||
        (CHANNELS.test(name) && isNearly(name)),
    )
    .filter((name) => !isKnown(name))
    .toSorted()
    .map((name) => ({
      name,
      found: `${name} is not read by this version; ${insteadOf(name) ?? meantBy(name, known)}`,
    }));
}
