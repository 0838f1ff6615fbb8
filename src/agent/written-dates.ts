/** Writes days in a text for a customer as people write them. */
import { datesIn, epochDay } from "#guard/output/dates.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";

/** A day as records have it, by itself: not in an address, an order's number or a time. */
const RECORDED_DAY = /(?<![\w/.=-])\d{4}-\d{2}-\d{2}(?![\w/-]|[.=:]\w)/g;

/**
 * The text with each such day written out, "19 November 2026", in the language of the text; in the customer's where the
 * text is too short to show one. What the output check would not read as the same day stays as it is.
 */
export function withWrittenDates(text: string, customer: string | null): string {
  if (text.search(RECORDED_DAY) < 0) return text;
  const language = detectedLanguage(text) ?? customer ?? "en";
  // Of English the form that no reader takes for another day.
  const form = new Intl.DateTimeFormat(`${language === "en" ? "en-GB" : language}-u-nu-latn`, {
    dateStyle: "long",
    timeZone: "UTC",
  });
  return text.replaceAll(RECORDED_DAY, (recorded) => {
    const at = new Date(recorded);
    if (Number.isNaN(at.getTime())) return recorded;
    const day = epochDay(at);
    const written = form.format(at);
    const isSame = datesIn(written, day).some(({ keys }) => keys.includes(`day:${day}`));
    return isSame ? written : recorded;
  });
}
