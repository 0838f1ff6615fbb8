/** Tells whether a customer writes in anger, so that a person reads the message before others. */
import { folded } from "#text/normalize.ts";

/** More than customers write in anger; what stands after it is not read. */
const READ_MAX = 8_000;

/** Words hardly ever written without anger, for folded text. */
const STRONG = new RegExp(
  `\\b(?:${[
    // English
    "ridiculous|unacceptable|outrageous|disgraceful|disgusting|furious|livid|pathetic|appalling|shambles",
    "absolute joke|complete joke|(?:this|it|that) is a joke|what a joke|are you kidding|you(?:'re| are) kidding",
    "fed up|sick and tired|sick of (?:this|your|waiting|being)|had enough|enough is enough|lost (?:my|all) patience|losing (?:my )?patience|running out of patience|out of patience",
    "how dare you|shame on you|rip[- ]?off|ripped off|scammers?|(?:you are|you're|this is|it's|it is) a scam|thieves|con artists|crooks|incompetent|incompetence",
    "worst (?:\\w+ ){0,2}(?:service|company|shop|store|experience|support)|(?:terrible|horrible|awful|dreadful|abysmal|atrocious) (?:\\w+ )?(?:service|support|experience|company|treatment)",
    "never (?:order|buy|shop)\\w*(?: \\w+){0,4} again|wtf|what the hell|for god'?s sake|bullshit|(?:so|very|extremely|really|absolutely|seriously|beyond) (?:angry|frustrated|annoyed|upset|pissed)|pissed off|waste of (?:my )?time|treat(?:ed|ing)? (?:me |us )?like (?:dirt|an idiot|idiots)|do your jobs?|your lies|lying to me|stop lying",
    // German
    "unverschamt\\w*|unverschaemt\\w*|frechheit|unmoglich(?:es|er)? (?:service|verhalten|benehmen)|unfassbar|skandal|sauerei|schweinerei|betruger|abzocke\\w*|abzocker|verarschen|verarscht|verarsche|inkompetent\\w*",
    "(?:ich habe|hab|habe) (?:jetzt |langsam |wirklich |endgultig )*(?:die schnauze voll|genug|die nase voll)|die schnauze voll|die nase voll|mir reicht es|mir reicht's|es reicht|reicht mir|geduld ist am ende|am ende meiner geduld|stinksauer|(?:sehr|wirklich|richtig|extrem|echt|so) (?:sauer|wutend|verargert|argerlich)|nie wieder (?:bestell\\w*|kauf\\w*|bei ihnen)|schlechteste\\w* (?:\\w+ )?(?:service|kundenservice|kundendienst|firma|shop)|das kann (?:doch )?nicht (?:wahr|euer ernst|ihr ernst) sein|(?:euer|ihr) ernst\\b(?=.*[?!])|lacherlich|zumutung",
    // French
    "inadmissible|inacceptable|scandaleu(?:x|se)|honteu(?:x|se)|lamentable|ridicule|escrocs?|arnaque\\w*|incompetents?|incompetence|furieu(?:x|se)|ras[- ]le[- ]bol|j'en ai (?:assez|marre)|marre d[e']|vous vous (?:moquez|fichez|foutez)|foutage de gueule|c'est une honte|quelle honte|plus jamais (?:je )?(?:command\\w*|achet\\w*)|pire (?:\\w+ )?(?:service|entreprise|experience)|a bout de patience|(?:tres|vraiment|extremement) (?:en colere|enervee?|fachee?|mecontente?)",
    // Spanish
    "inaceptable|vergonzos[oa]|indignante|intolerable|estafadores|una estafa|es un robo|ladrones|incompetentes?|incompetencia|furios[oa]|hart[oa] de|estoy hart[oa]|una verguenza|que verguenza|me estan tomando el pelo|tomadura de pelo|se estan burlando|nunca mas (?:compr\\w*|ped\\w*|vuelvo)|no vuelvo a comprar|el peor (?:\\w+ )?(?:servicio|atencion)|peor servicio|peor experiencia|pesimo servicio|pesima atencion|(?:muy|realmente|sumamente) (?:enfadad[oa]|enojad[oa]|molest[oa]|indignad[oa])|se me acab[oa] la paciencia|ridicul[oa]|indignad[oa]",
  ].join("|")})\\b`,
  "gu",
);

/** Impatience, which means anger only next to a second sign of it. */
const WEAK: readonly RegExp[] = [
  /\b(?:third|fourth|fifth|3rd|4th|5th|last|umpteenth|final) (?:time|e-?mail|message|reminder|warning)\b|\b(?:zum )?(?:dritte|vierte|funfte|letzte)(?:n|s)? (?:mal|mail|nachricht|mahnung)\b|\b(?:troisieme|quatrieme|derniere) (?:fois|mail|message|relance)\b|\b(?:tercera|cuarta|ultima) (?:vez|correo)\b/,
  /\b(?:nobody|no one|no-one) (?:\w+ )?(?:answers?|answered|replies|replied|responds?|responded|cares?|helps?|helped)\b|\bstill no (?:answer|reply|response)\b|\b(?:niemand (?:antwortet|hilft|meldet)|immer noch keine antwort)\b|\b(?:personne ne repond|toujours (?:aucune|pas de) reponse)\b|\b(?:nadie (?:responde|contesta)|sin respuesta)\b/,
  /\b(?:angry|frustrated|frustrating|annoyed|annoying|upset|disappointed|disappointing|unhappy|dissatisfied)\b|\b(?:verargert|sauer|wutend|enttauscht|argerlich|unzufrieden)\b|\b(?:en colere|fachee?|decue?|enervee?|mecontente?)\b|\b(?:enfadad[oa]|enojad[oa]|decepcionad[oa]|molest[oa])\b/,
  /\b(?:immediately|right now|at once|this instant|asap|i demand|i expect an answer)\b|\b(?:sofort|unverzuglich|auf der stelle|ich verlange)\b|\b(?:immediatement|tout de suite|j'exige)\b|\b(?:inmediatamente|ya mismo|exijo)\b/,
  /![!?]/,
];

/** Praise and thanks: with them, capitals and exclamation marks are joy. */
const GLAD =
  /\b(?:thank|thanks|thx|love|loved|great|amazing|awesome|wonderful|fantastic|perfect|happy|excited|birthday|congrat\w*|danke|vielen dank|super|toll|klasse|merci|genial|parfait|gracias|encanta|feliz|perfecto)\b/;

/** Takes the word after it back: "I am not angry". */
const DENIAL =
  /\b(?:not|isn't|aren't|wasn't|never|no longer|don't want to be|without being|nicht|kein|keine|pas|no|sin|nunca)(?: \w+){0,2} $/;

/** A word of at least four capitals that is no name of a product or an order: such stand alone. */
const SHOUTED = /(?<![\p{L}\p{N}])\p{Lu}{2,}(?:'\p{Lu}+)?(?![\p{L}\p{N}])/gu;
const SHOUTED_MIN = 4;
const SHOUTED_LETTERS_MIN = 14;

/**
 * True when the text is surely angry: a word hardly ever written otherwise, or two signs of impatience. Pure, linear in
 * the text; reads the languages of the output check, and misses quiet anger rather than calling a polite text angry.
 */
export function isAngryText(text: string): boolean {
  const read = text.slice(0, READ_MAX);
  const plain = folded(read);
  for (const match of plain.matchAll(STRONG))
    if (!DENIAL.test(plain.slice(Math.max(0, match.index - 40), match.index))) return true;
  const isGlad = GLAD.test(plain);
  const signs = WEAK.filter((sign) => isStated(sign, plain)).length + (isShouting(read) ? 1 : 0);
  return signs >= 2 && !isGlad;
}

function isStated(sign: RegExp, plain: string): boolean {
  const match = sign.exec(plain);
  return match !== null && !DENIAL.test(plain.slice(Math.max(0, match.index - 40), match.index));
}

function isShouting(text: string): boolean {
  const words = text.match(SHOUTED) ?? [];
  return words.length >= SHOUTED_MIN && words.join("").length >= SHOUTED_LETTERS_MIN;
}
