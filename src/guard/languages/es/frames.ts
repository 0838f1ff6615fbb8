/** Spanish sentence patterns for completed actions. */
import { anyOf, pattern } from "#guard/languages/spelling.ts";
import type { Frames } from "#guard/languages/language.ts";

const NOT_DONE_YET =
  "no|nunca|ya no|posibles?|imposibles?|denegad[oa]s?|rechazad[oa]s?|disponibles?|limitad[oa]s?|normalmente|generalmente|habitualmente|siempre|sujet[oa]s?|el|la|un|una|de \\d|solo|sólo|únicamente";
const OPENING = String.raw`^\W*(?:(?:y|pues|ya|buenas noticias|como prometimos|su|sus|tu|el|la|los|las|un|una|todo) ){0,3}`;
const DETAIL = "(?: (?:de|por|del) [^,;]{1,40}?)?(?: del [^,;]{1,40}?)?";

/** How Spanish says that something is done. */
export const FRAMES: Frames = {
  before: pattern(
    String.raw`\b(?:he|hemos|ha|han|había|hay|fue|fueron|está|están|es|son|queda|quedan|quedó|sido|era)\b`,
    "g",
  ),
  reach: 60,
  sharesAuxiliary: false,
  behind: null,
  notBehind: pattern(String.raw` (?:puede|pueden|debe|por usted)\b`, "y"),
  opening: pattern(OPENING),
  gap: pattern(`^${DETAIL}:? ?$`),
  subject: pattern(OPENING),
  predicate: pattern(
    String.raw`${DETAIL}(?: ya)? (?:está|están|ha|han|fue|fueron|se ha|se han|llegó|salió|queda)\b(?! (?:\w+ )?(?:${NOT_DONE_YET})\b)`,
    "y",
  ),
  present: pattern(
    String.raw`\b(?:aquí (?:está|tiene|tienes)|le adjunto|adjunto) (?:su|tu|el|la|un|una) `,
    "g",
  ),
  anyhow: anyOf(
    String.raw`\b(?:ha sido|fue) (?:reembolsad|compensad|indemnizad)[oa]\b`,
    // Any first person of the simple past that is not also a present or future form.
    String.raw`\b(?!(?:así|aquí|ahí|allí|quizá|café)\b)\w{3,}(?<!r)[éí]\b(?! (?:puede|podría))`,
    String.raw`\b(?!(?:podemos|tenemos|estamos|vamos|hacemos|queremos|debemos|vemos|sabemos|lamentamos|sentimos|recomendamos|necesitamos|ofrecemos|agradecemos|esperamos|seguimos|pedimos|encontramos|entendemos|recibimos|revisamos|entregamos|enviamos)\b)\w{3,}(?<!r[ae])[aei]mos\b`,
  ),
};
