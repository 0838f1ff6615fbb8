/** German sentence patterns for completed actions. */
import { anyOf, pattern } from "#guard/languages/spelling.ts";
import type { Frames } from "#guard/languages/language.ts";

/** Who did it or to what it was done: any subject but the reader, who may have cancelled an order themselves. */
const AUX = String.raw`\b(?:habe|hab|(?<!\b(?:sie|die|ihr) )haben(?! sie\b)|hat|wurden?|worden|ist|sind|war|waren|gilt|gelten|ging|gingen)\b`;
const NOT_DONE_YET =
  "nicht|nie|kein\\w*|nur|möglich|unmöglich|ausgeschlossen|abgelehnt|verfügbar|begrenzt|abhängig|in der regel|normalerweise|üblicherweise|meist\\w*|grundsätzlich|immer|stets|bis zu|innerhalb|noch (?:nicht|möglich|offen)|leider nicht|leider abgelehnt|die|der|das|eine?";
const OPENING = String.raw`^\W*(?:(?:und|so|nun|jetzt|soeben|gerade|eben|schon|bereits|auch|wie versprochen|gute nachrichten|ihre?|die|der|das|den|eine?n?|volle|komplette|ganze|gesamte) ){0,4}`;
const DETAIL = "(?: (?:über|von|in höhe von|für) [^,;]{1,40}?)?(?: für [^,;]{1,40}?)?";

/** How German says that something is done: the participle comes last, the auxiliary before it or right after. */
export const FRAMES: Frames = {
  before: pattern(AUX, "g"),
  reach: 140,
  sharesAuxiliary: true,
  behind: pattern(String.raw`(?: worden)? ${AUX}`, "y"),
  notBehind: pattern(String.raw` (?:werden|zu werden|wird|haben sie|hast du)\b`, "y"),
  opening: pattern(OPENING),
  gap: pattern(`^${DETAIL}:? ?$`),
  subject: pattern(OPENING),
  predicate: pattern(
    String.raw`${DETAIL} (?:ist|sind|wurden?|hat|haben|liegt|befindet sich|läuft)\b(?! (?:\w+ )?(?:${NOT_DONE_YET})\b)`,
    "y",
  ),
  present: pattern(
    String.raw`\b(?:hier ist|anbei(?: finden sie)?|im anhang(?: finden sie)?) (?:ihre?|der|die|das|eine?n?) `,
    "g",
  ),
  anyhow: anyOf(
    String.raw`\bsie haben\b.{0,60}\b(?:zurückerhalten|zurückbekommen|erstattet bekommen)\b`,
  ),
};
