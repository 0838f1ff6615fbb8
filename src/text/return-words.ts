/** Tells whether a text is about sending something back, in the languages the team answers; for a warning only. */
import { folded } from "./fold.ts";

/** Somebody who writes more writes of it early. */
const READ_MAX = 20_000;

/** "Return my money" is about no parcel, and "the return policy" about none that is under way. */
const PATTERNS = [
  "return(?:ing|ed)?(?! (?:(?:my|the|our|your) (?:money|payment|call)|what i|polic(?:y|ies)|rules?|terms|conditions))",
  "sen[dt](?:ing)?\\b[^.!?\\n]{1,40}\\bback|(?:send|give) back|returns? label",
  "take (?:(?:it|them|this) )?back(?! (?:what|my|the) (?:i|money|payment))",
  "zur(?:u|ue)ck ?(?:zu|ge)?(?:schick|send|sand|geb)\\w*|retour\\w*|r(?:u|ue)ck(?:sende|gabe)\\w*",
  "schick\\w*\\b[^.!?\\n]{1,40}\\bzur(?:u|ue)ck",
  "renvoyer\\w*|renvoye|(?:etiquette|bon) de retour",
  "devolver(?!.{0,30}\\bdinero)\\w*|devuelto|etiqueta de devolucion|devolucao|devolvid?[oi]",
  "rispedi(?:re|t[oa])|(?:fare|chiedere|avviare) (?:il|un) reso|restitui(?:re|t[oa])",
  "terug(?:ge)?stu\\w*|terug te sturen",
  "odesla\\w*|zwrocic towar|etykiet\\w* zwrotn\\w*",
].map((words) => new RegExp(`\\b(?:${words})\\b`));

/** True when the customer writes of sending something back, or of having sent it. */
export function writesOfReturn(words: string): boolean {
  const text = folded(words.slice(0, READ_MAX));
  return PATTERNS.some((pattern) => pattern.test(text));
}
