/** What a help page is called where people read what an answer rests on. */
import { dayText } from "./moment.ts";

/** A year that no page is of, so that the year is always told: an old page is to look old. */
const LONG_AGO = new Date(0);

/** "Refunds, as of 14 Sep 2026 (https://…)", as far as each is known. */
export function pageName({
  title,
  url,
  updated,
}: {
  readonly title: string;
  readonly url: string;
  readonly updated?: string | undefined;
}): string {
  const dated = updated === undefined ? title : `${title}, as of ${dayText(updated, LONG_AGO)}`;
  return url === "" ? dated : `${dated} (${url})`;
}
