import { createHmac } from "node:crypto";

const LENGTH = 32;
/** So many characters in a row determine the next one, and nobody without the secret can tell which. */
const REACH = 6;
/** A part of this length holds six characters that prove themselves: by chance one in 16 million does. */
const PART = 12;

/**
 * The mark hidden in the prompt of one turn. Seeing it outside means that instructions leaked. Each character follows
 * from the six before it and the secret, so a checker needs no list of the marks that were given out and knows a part
 * of one as well as the whole.
 */
export function canaryOf(turnId: string, secret: string): string {
  let mark = createHmac("sha256", secret).update(`turn ${turnId}`).digest("hex").slice(0, REACH);
  while (mark.length < LENGTH) mark += nextOf(mark.slice(-REACH), secret);
  return mark;
}

/**
 * Tells whether a text holds twelve characters or more of a canary of any turn: plain, spaced, broken into lines, in
 * capitals, reversed, in base64 or in hexadecimal digits.
 */
export function canaryFinder(secret: string): (text: string) => boolean {
  return (text) =>
    viewsOf(text).some((view) => {
      const packed = view.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
      return (packed.match(RUN) ?? []).some(
        (run) => holdsPart(run, secret) || holdsPart(run.split("").toReversed().join(""), secret),
      );
    });
}

const RUN = new RegExp(`[0-9a-f]{${PART},}`, "g");
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /[0-9a-f]{24,}/g;

/** The text, and what it decodes to. Encoded text may begin anywhere in a run, so every alignment is tried. */
export function viewsOf(text: string): readonly string[] {
  const joined = text.replaceAll(/\s+/g, "");
  const decoded = (joined.match(BASE64) ?? []).flatMap((run) =>
    [0, 1, 2, 3].flatMap((skip) => {
      const bytes = Buffer.from(run.slice(skip), "base64");
      return [bytes.toString("latin1"), bytes.toString("hex")];
    }),
  );
  const packed = text.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
  const spelledOut = (packed.match(HEX) ?? []).flatMap((run) =>
    [0, 1].map((skip) => Buffer.from(run.slice(skip), "hex").toString("latin1")),
  );
  return [text, ...decoded, ...spelledOut];
}

/** Letters around it may be hexadecimal too, so every place where a part could begin is tried. */
function holdsPart(run: string, secret: string): boolean {
  let proven = 0;
  for (let at = REACH; at < run.length; at += 1) {
    proven = run[at] === nextOf(run.slice(at - REACH, at), secret) ? proven + 1 : 0;
    if (proven === PART - REACH) return true;
  }
  return false;
}

function nextOf(before: string, secret: string): string {
  return createHmac("sha256", secret).update(`canary ${before}`).digest("hex").slice(0, 1);
}
