/**
 * The few words of a sentence that code has to know in any language, to compare a statement with its quote and a figure
 * with its source: those that deny, those that suppose, and those by which a sentence says
 * that it repeats another person's words.
 */
import { withQuestionMarks } from "#text/about-text.ts";

const word = (words: string): RegExp =>
  new RegExp(String.raw`(?<![\p{L}])(?:${words})(?![\p{L}])`, "iu");

const DENIES = word(
  [
    String.raw`not|no|never|none|nothing|nobody|neither|nor|cannot|\p{L}+n['’]t|false`,
    String.raw`nicht|kein(?:e|en|em|er|es)?|nie|niemals|nichts|niemand|weder`,
    String.raw`pas|aucune?|jamais|rien`,
    String.raw`nunca|ning[uú]n[oa]?|nada|ni|tampoco|non|né|nessun[oa]?|niente|nulla`,
    String.raw`niet|geen|nooit|niets|niemand|n[ãa]o|nem|nenhum[a]?|nada`,
    String.raw`nigdy|ani|żad(?:en|na|ne|nych|nego|nej)|nic|nikt|inte|inga|inget|ikke|ingen|intet|aldri[gk]`,
    // "I've left everything as it is": a verb of leaving, and that it is as before.
    String.raw`left\s[^.!?]{0,60}?(?:as (?:it|they) (?:is|are|was|were)|untouched|unchanged|alone)(?![^.!?]*\b(?:except|apart from|but)\b)|(?:ge|be)?lassen,? wie (?:es|er|sie)|(?:so|dabei) (?:ge|be)lassen|laiss\p{L}{1,3} [^.!?]{0,40}(?:tel(?:le)?s? quel(?:le)?s?|en l['’]état)|(?:dej|deix)\p{L}+ [^.!?]{0,40}como (?:est|er)\p{L}+|lasciato [^.!?]{0,40}com['’]\p{L}+|gelaten zoals (?:het|hij|ze)|zostawi\p{L}+ [^.!?]{0,40}jak (?:jest|było)`,
    String.raw`nu|niciun[ăa]?|nicio|nici|nimic|nincs\p{L}*|ei|eivät|emme|není|nejs\p{L}+|neby\p{L}+|nelze|nemůž\p{L}+|žádn\p{L}+|nič|žiadn\p{L}+|nije|nis(?:am|mo|u|em)`,
    String.raw`değil\p{L}*|yok\p{L}*|hiç|\p{L}+(?:mad[ıi]|med[ıi]|m[ıiuü]yor|maz|mez|mayaca|meyece)\p{L}*`,
  ].join("|"),
);

/** Denials in form alone: "no problem", "not only", "no later than", "at no cost", "do not hesitate". */
const EMPTY_DENIAL = word(
  [
    String.raw`oh,? no|no (?:problem|worries|charge|extra (?:charge|cost|fee)s?|(?:additional )?(?:cost|fee)s?|later than|more than|doubt)|not (?:only|later than|more than)|(?:do not|don['’]t) (?:hesitate|worry)`,
    String.raw`kein(?:e)? (?:problem|sorge|kosten|zusätzlichen kosten)|nicht (?:nur|später als|mehr als)|keine sorge|zögern sie nicht`,
    String.raw`pas de (?:souci|problème|frais)|(?:pas|non) (?:seulement|plus tard que)|sans (?:souci|frais)|n['’]hésitez pas`,
    String.raw`no (?:dude|hay problema|solo|sólo|más tarde (?:de|que)|se preocupe)|nessun problema|non (?:solo|oltre)|geen (?:probleem|zorgen|kosten)|niet (?:alleen|later dan)|sem (?:problema|custos?)|não só|nie (?:tylko|później niż)|żaden problem`,
  ].join("|"),
);

/** Whether a text denies in more than its form: "500.00 is not possible", but not "no problem". */
export function deniesSomething(text: string): boolean {
  return hasDenial(text.replaceAll(new RegExp(EMPTY_DENIAL, "giu"), " "));
}

const SUPPOSES =
  /^[^\p{L}]*(?:if|once|when|unless|until|before|wenn|falls|sobald|bevor|bis|si|dès|quand|lorsque|cuando|en cuanto|se|quando|appena|caso|als|zodra|wanneer|jeśli|jeżeli|gdy|om|när|hvis|når|eğer|jestli|jestliže|pokud|jos)(?!\p{L})/iu;

/** Whether a clause begins by supposing something. */
export function isSupposed(clause: string): boolean {
  return SUPPOSES.test(clause);
}

/** In Portuguese "no" means "in the". */
const PORTUGUESE = word(
  String.raw`em|ao|pela|pelo|uma|seu|você|será|não|após|pode|são|foi|também|\p{L}+ção`,
);

/** Whether a text has a word that denies, whatever else it says. */
export function hasDenial(text: string): boolean {
  const read = PORTUGUESE.test(text) ? text.replaceAll(/(?<!\p{L})no(?!\p{L})/giu, " ") : text;
  return DENIES.test(read);
}

const REFUSES =
  /(?<!\p{L})(?:refus|declin|denied|reject|impossib|unable|too late|abgelehnt|unmöglich|rechaz|denegad|imposible|rifiut|negat|geweiger|afgewezen|onmogelijk|recus|negad|odm[óo]w|odrzuc|niemożliw)/iu;

/** "You keep your lamp", "the order stays as it is": where nothing was done, this is so. */
const STAYS =
  /(?<!\p{L})(?:keep|stay|remain|unchanged|bleib|behalt|behält|unverändert|rest(?:e|er|ent|a|ano)(?!\p{L})|gard|inchang|qued|conserv|permanec|rimane|invariat|mante|blijf|behoud|hou|ongewijzigd|fica|zostaj|zachow|bez zmian)/iu;

/** Whether a text says that something is not done or not possible, with or without a "not". */
export function tellsRefusal(text: string): boolean {
  return hasDenial(text) || REFUSES.test(text) || STAYS.test(text);
}

const REPEATS = new RegExp(
  [
    String.raw`\byou(?:['’](?:d|ve|re))? (?:\p{L}+ )?(?:wr[io]te|written|writing|sa(?:y|id)|mention|ask|want|wish|would like|like|describ|report|tell|told|need|hope|prefer|plan|state|expect|feel|order|give|gave|name|quote)|\b(?:going|judging) by (?:your|what you|the \p{L}+ you)\b|\byou(?:['’]ve| have)? already (?:know|saw|tried|told|said|sent|checked|looked|asked|noticed|contacted|did)\b|\byour (?:message|mail|e-mail|question|request|wish|words|report|description|note|concern)|sorry|understand|thank|according to you|as you\b|\bsee that you`,
    String.raw`\b(?:sie|du|ihr)\b.*(?:schreib|schrieb|sag|erwähn|bericht|frag|möcht|wünsch|woll|bitte|bittest|beschr|meld|brauch|nenn|angeb|angab|angegeben)|(?:schreib|erwähn|möcht|wünsch|woll|bericht|frag)\p{L}* (?:sie|du)|\b(?:ihre[rnm]?|deine[rnm]?|ihren?|dein) (?:\p{L}+ )?(?:nachricht|mail|frage|anfrage|wunsch|bitte|anliegen|hinweis)|leid|versteh|dank|bedauer`,
    String.raw`\bvous (?:\p{L}+ )?(?:écri|dit|indiqu|mentionn|demand|souhait|voul|signal|donn|cit|avez besoin)|votre (?:message|demande|question|souhait|courriel)|désol|navr|compren|merci|regrett`,
    String.raw`(?:escrib|dic|dij|mencion|pid|pregunt|quier|dese|indic|coment|necesit)\p{L}*|\bsu (?:mensaje|pregunta|solicitud|petición)|siento|lament|entiend|comprend|gracias`,
    String.raw`(?:scriv|scritt|detto|menzion|chied|chiest|desider|vuole|vorrebb|segnal)\p{L}*|\b(?:suo|tuo) messaggio|\bsua (?:domanda|richiesta)|dispiac|capisc|comprend|grazie`,
    String.raw`\b(?:u|je|jij) (?:\p{L}+ )?(?:schrijf|schreef|schreven|zegt|vermeld|noem|vraag|wil|wens|meld)|\b(?:uw|je) (?:bericht|vraag|verzoek)|spijt|begrijp|dank|jammer`,
    String.raw`(?:escrev|diz|disse|mencion|ped|pergunt|quer|desej|indic)\p{L}*|\bsua (?:mensagem|pergunta)|\bseu pedido|lament|entend|compreend|obrigad`,
    String.raw`(?:pisz|pisał|napisał|wspom|pros|pyta|chc|zgłasz|zgłosi)\p{L}*|wiadomoś|przykro|rozumie|dziękuj`,
    String.raw`\b(?:du|dere|ni|de) (?:\p{L}+ )?(?:skriv|skrev|si(?:er|ger)|sæger|säger|nevn|nævn|nämn|oppgi|opgiv|uppge|spør|spørg|fråg|angi|ang[ei]v)|(?:píš|pis|uvád|uved|zmiň|zmín|řík|ptá)\p{L}*te(?!\p{L})|beklager|omlouv|děkuj|\btakk|\btack|\btak for`,
  ].join("|"),
  "iu",
);

/** Whether a sentence says that these are the customer's words, so that they are not read as ours. */
export function repeatsSomebody(text: string): boolean {
  return REPEATS.test(text);
}

const EVERY_DAY =
  /(?<!\p{L})(?:every (?:single )?day|(?:7|seven) days a week|24\/7|täglich|jeden tag|an (?:7|sieben) tagen|tous les jours|7 jours sur 7|todos los días|ogni giorno|tutti i giorni|dagelijks|elke dag|todos os dias|codziennie|każdego dnia)(?!\p{L})/iu;

/** Whether a text says something of all days of the week, and so of each. */
export function saysEveryDay(text: string): boolean {
  return EVERY_DAY.test(text);
}

/** Quotation marks, brackets and smileys behind a question mark. */
const END_CHARACTERS_MAX = 12;

/** Whether a text ends by asking, in any script. */
export function endsAsking(text: string): boolean {
  const end = withQuestionMarks(text).trimEnd().slice(-END_CHARACTERS_MAX);
  return /[?？؟][^\p{L}\p{N}?？؟]*$/u.test(end);
}
