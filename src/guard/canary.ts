import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const MARK_LENGTH = 12;
const SEAL_LENGTH = 20;

/**
 * The mark hidden in the prompt of one turn. Seeing it outside means that instructions leaked. It proves itself with
 * the secret, so a checker needs no list of the marks that were given out.
 */
export function canaryOf(turnId: string, secret: string): string {
  const mark = createHash("sha256").update(turnId).digest("hex").slice(0, MARK_LENGTH);
  return `${mark}${sealOf(mark, secret)}`;
}

/** Tells whether a text holds a canary of any turn, also when spaced, broken into lines or written in capitals. */
export function canaryFinder(secret: string): (text: string) => boolean {
  return (text) => {
    const packed = text.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
    // Letters around it may be hexadecimal too, so every place where one could begin is tried.
    for (const run of packed.match(/[0-9a-f]{32,}/g) ?? [])
      for (let start = 0; start + MARK_LENGTH + SEAL_LENGTH <= run.length; start += 1)
        if (isCanary(run.slice(start, start + MARK_LENGTH + SEAL_LENGTH), secret)) return true;
    return false;
  };
}

function isCanary(candidate: string, secret: string): boolean {
  const expected = Buffer.from(sealOf(candidate.slice(0, MARK_LENGTH), secret));
  return timingSafeEqual(expected, Buffer.from(candidate.slice(MARK_LENGTH)));
}

function sealOf(mark: string, secret: string): string {
  return createHmac("sha256", secret).update(`canary ${mark}`).digest("hex").slice(0, SEAL_LENGTH);
}
