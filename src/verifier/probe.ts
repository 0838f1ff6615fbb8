/**
 * A sentence put into a reply before it is read, that no source can say: a reader who passes it has not read, and its
 * word for the rest counts nothing, whatever the language and whatever it quoted.
 */
import type { Reading } from "./reading.ts";

/** Of several kinds, with names no shop has, so that nobody's case is told by one. */
export const PROBES: readonly string[] = [
  "Mr Tolvanen of the Brackwell depot keeps the parcel behind the blue gate for you.",
  "Your neighbour Mrs Ostrander signed for the parcel with a green pencil.",
  "We have sent a brass kettle to your aunt in Quillhaven as an apology.",
  "The driver Pemberley told us that the box fell into the Harrow canal.",
  "Our Skelling factory paints every piece twice with walnut oil.",
];

/** A reply as it is shown to the reader. */
export interface Probed {
  /** The reply with the sentence on a line of its own. */
  readonly text: string;
  readonly probe: string;
}

/** Puts a sentence between two paragraphs of a reply, or after its only one: which and where follow from the nonce. */
export function withProbe(reply: string, nonce: string): Probed {
  const chance = Array.from(nonce).reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 9_973, 7);
  const own = PROBES.filter((one) => !reply.includes(one));
  const probe = own[chance % own.length] ?? "";
  const paragraphs = reply.split("\n\n");
  const at = 1 + (chance % paragraphs.length);
  return { text: paragraphs.toSpliced(at, 0, probe).join("\n\n"), probe };
}

/** Whether the reader found that nothing backs the sentence, and read it apart from the rest. */
export function isFound({ statements }: Reading, probe: string): boolean {
  const about = statements.filter(({ text }) => probe.includes(text.trim()));
  const told = about.map(({ text }) => text.trim()).join(" ");
  return (
    about.every(({ kind, quote }) => quote === null && UNBACKED_KINDS.has(kind)) &&
    told.length >= probe.length * SHARE_MIN
  );
}

/** The reading of the reply alone. */
export function withoutProbe({ statements }: Reading, probe: string): Reading {
  return { statements: statements.filter(({ text }) => !probe.includes(text.trim())) };
}

const UNBACKED_KINDS: ReadonlySet<string> = new Set(["fact", "done", "promise", "grant"]);
/** A reader may leave out a conjunction where it cuts. */
const SHARE_MIN = 0.8;
