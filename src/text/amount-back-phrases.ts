/**
 * How customers ask for an amount back without the word refund, in the languages of request-phrases.ts: by form alone, an
 * amount with its currency next to a word or a verb of giving back. "The 40 dollar lamp back" asks for a lamp, and "I got
 * 4 dollars back" asks for nothing.
 */
import { MONEY_SIGN } from "./named-orders.ts";
import { unlessAsked } from "./request-phrases.ts";

const NUMBER = String.raw`\d+(?:[.,]\d+)*`;

/** An amount with its currency on either side, as it stands in one clause. */
const AMOUNT = `(?:(?:${MONEY_SIGN})\\s?${NUMBER}|(?<![\\w.,])${NUMBER}\\s?(?:${MONEY_SIGN}))`;

/** Words that may stand between an amount and "back" without naming a thing that is sent back. */
const SMALL_WORD = [
  "of|from|for|on|it|that|this|me|us|my|our|the|order|price|shipping|delivery|postage|please|all|i|paid|about",
  "mir|uns|von|vom|davon|f(?:u|ue)r|aus|auf|der|die|das|dem|den|meine[nr]?|kaufpreis|preis|bestellung|versand|porto|bitte|gerne?|hatte|ich",
  "de|du|des|d'|sur|pour|la|le|les|ma|mes|me|moi|nous|commande|livraison|encore",
  "del|los|el|las|mi|mis|nos|por|favor|pedido|envio|esos|estos|unos",
  "i|il|gli|miei|quei|per|ordine|spedizione|almeno",
  "van|voor|het|mij|ons|mijn|die|bestelling|verzending|graag",
  "os|as|meus|esses|do|da|pelo|encomenda|frete|entrega",
  "mi|nam|te|tych|moje|moich|za|z|zamowienie|przesylke|jeszcze",
].join("|");

const SMALL = `(?:(?:[ -](?:${SMALL_WORD}|#?\\d+)){0,4}[ -])`;

/** "Back" as a word behind an amount; "back then" and "back in May" are about a time. */
const BACK = [
  "back(?! (?:then|when|at)\\b| (?:in|on) (?!my|our|the (?:card|account)))",
  "zur(?:u|ue)ck|indietro|terug|en retour|de volta|de vuelta|z powrotem",
].join("|");

/** Verbs with "back" in them that stand behind an amount. Their past forms say that it came back. */
const BACK_VERB_BEHIND = [
  "(?:to )?be (?:returned|paid back|given back|sent back|put back)",
  "(?:zur(?:u|ue)ck|wieder)(?:zu)?(?:geb|bekomm|erhalt|hab|zahl|forder|buch|uberweis|ueberweis|hol)en",
  "terug(?:geven|krijgen|hebben|ontvangen|boeken|betalen|storten)|terug te (?:geven|krijgen|betalen|storten)",
].join("|");

/** Verbs and words of giving back that stand before an amount. Their past forms say that it was given back. */
const BACK_BEFORE = [
  "rend(?:re|ez|s|e|ent|iez)|recuper(?:er|ez)|redonn(?:er|ez|es?)|revers(?:er|ez|es?)|restitu(?:er|ez|es?)|rembours(?:er|ez|es?)",
  "devolver(?:me|nos)?|devuelv\\w+|devolv(?:ais|ieran?|iesen?)|regres(?:ar|en|e|arme|enme)|reintegr(?:ar|en|e|arme|enme)|recuperar",
  "ridar(?:mi|ci|e)|ridat(?:e|emi|eci)|restitui(?:re|rmi|te|temi)|restituisc\\w+|riavere|rivoglio|rivogliamo|indietro",
  "devolv(?:er|erem|am|a|em)(?:[ -](?:me|nos))?|reaver|estorn(?:ar|em|e)",
  "oddaj\\w*|oddac|odzyskac|zwroc(?:ic|cie)|z powrotem",
].join("|");

/** The same in English, where a thing may follow its price: "give back the 4 dollar lamp". */
const ENGLISH_BEFORE =
  "(?:give|get|have|pay|send|put|want|like)(?: (?:me|us))? back|(?:be|get) (?:paid|given) back";
const NO_THING =
  "(?=$| (?:of|from|for|on|to|into|please|because|as|since|now|today|and|i|we)\\b|(?!\\s?[a-z]))";

/** Before or after it, these say that it was given back. */
const HAD_BEFORE = [
  "already|thank(?:s| you)? for|danke\\w* fur|gracias por|grazie per|bedankt (?:dat|voor)|dank (?:je|u) (?:wel )?(?:dat|voor)|obrigad[oa] p(?:or|elo)|dziekuje za",
  "(?:you|they)(?:'ve| have)? (?:gave|given|paid|sent|put|returned)",
  "schon|bereits|deja|ya me|gia|al (?:gekregen|ontvangen)|recebi|recebemos|recibi|recibimos|recibido|dieron|juz|dostal\\w*|otrzymal\\w*|ricevuto|ricevuti|kreeg|kregen|ontving",
].join("|");
const HAD_BEHIND =
  "(?<=\\b(?:habe?n?|hat|heb|heeft|hebben)\\b.{0,80}) (?:bekommen|erhalten|gezahlt|gegeben|gekregen|ontvangen)|(?:already|schon|bereits|deja|juz)";

function unlessHad(pattern: string): RegExp {
  return unlessAsked(
    `(?<!\\b(?:${HAD_BEFORE})\\b.{0,60}|\\b(?:got|received) .{0,8})(?:${pattern})(?!(?:${HAD_BEHIND})\\b)`,
  );
}

/** Requests for an amount back. */
export const AMOUNT_BACK_REQUESTS: readonly RegExp[] = [
  unlessHad(`${AMOUNT}${SMALL}(?:${BACK}|${BACK_VERB_BEHIND})\\b`),
  unlessHad(`\\b(?:${BACK_BEFORE})${SMALL}${AMOUNT}`),
  unlessHad(`\\b(?:${ENGLISH_BEFORE})${SMALL}${AMOUNT}${NO_THING}`),
  unlessHad(
    `\\b(?:put|refund|return)${SMALL}${AMOUNT} (?:back|to (?:me|my|our|the (?:card|account)))`,
  ),
];
