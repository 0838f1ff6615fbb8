/** Languages in which the check understands what a reply says was done. It reports others as unread. */
export const READ_LANGUAGES = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "nl",
  "pt",
  "pl",
  "sv",
  "da",
  "tr",
] as const;
export type ReadLanguage = (typeof READ_LANGUAGES)[number];
