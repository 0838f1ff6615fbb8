/** French sentence patterns for completed actions. */
import { pattern } from "#guard/languages/spelling.ts";
import type { Frames } from "#guard/languages/language.ts";

const NOT_DONE_YET =
  "pas|plus|jamais|possibles?|impossibles?|refusée?s?|limitée?s?|disponibles?|en général|normalement|généralement|habituellement|toujours|soumise?s?|le|la|un|une|de \\d|seulement|uniquement|encore possible";
const OPENING = String.raw`^\W*(?:(?:et|alors|voilà|bonne nouvelle|comme promis|désormais|votre|vos|le|la|les|l'|un|une|tout) ?){0,3}`;
const DETAIL = "(?: (?:de|d'|pour) [^,;]{1,40}?)?(?: pour [^,;]{1,40}?)?";

/** How French says that something is done. The reader may be the one who did it: "vous avez annulé" is no claim. */
export const FRAMES: Frames = {
  before: pattern(
    String.raw`\b(?:j'ai|j'avais|je (?:vous |te |l'|le |la |les )?ai|(?:nous|on)(?: vous| te| l'| le| la| les)?(?: en)? ?(?:avons|a)|a|ont|est|sont|été|vient d'être|viennent d'être|vient de vous être|viennent de vous être|êtes|vous ai|vous avons|l'ai|l'avons|t'ai)\b`,
    "g",
  ),
  reach: 80,
  sharesAuxiliary: false,
  behind: null,
  notBehind: pattern(String.raw` (?:peut|peuvent|doit|par vous)\b`, "y"),
  opening: pattern(OPENING),
  gap: pattern(`^${DETAIL} ?:? ?$`),
  subject: pattern(OPENING),
  predicate: pattern(
    String.raw`${DETAIL} (?:est|sont|a|ont)\b(?! (?:\w+ )?(?:${NOT_DONE_YET})\b)`,
    "y",
  ),
  present: pattern(
    String.raw`\b(?:voici|ci-joint|vous trouverez) (?:votre|vos|le|la|les|un|une) `,
    "g",
  ),
  anyhow: pattern(String.raw`\bvous avez été (?:remboursé|recrédité|indemnisé)\w*`),
};
