/** Reads what customers say about their order: that it came or not, was paid or refunded. */
import { amountsIn, type Fact, WORDS_BEFORE } from "#guard/output/facts.ts";
import { folded } from "#text/normalize.ts";

/**
 * What a customer says about an order. `charged` names an amount; `in_hand` is what only follows from their words: who
 * writes that something is cracked or does not work has it, whatever it is; every other kind stands for itself.
 */
export type OrderClaim =
  | {
      readonly kind:
        | "arrived"
        | "in_hand"
        | "not_arrived"
        | "refunded"
        | "not_refunded"
        | "charged_twice";
    }
  | {
      readonly kind: "charged";
      /** In minor units, or in hundredths where the customer writes no currency and so means the order's. */
      readonly minor: number;
      readonly currency: string | null;
    };

/** More than customers write about one order; what stands after it is not read. */
const READ_MAX = 8_000;
/** A sentence longer than this is cut, so that no text makes the patterns slow. */
const CLAUSE_MAX = 400;

const SENTENCE = /[^.!?\n]*(?:(?<=\d)[.](?=\d)[^.!?\n]*)*[.!?]*\s*/gu;
const CLAUSE_END =
  /(?:(?<!\s)\s+)?[,;:()–—]\s+|(?<!\s)\s+(?:-|and then|but|though|although|however|yet when|while|aber|jedoch|obwohl|wahrend|und dann|sondern|mais|alors que|bien que|pourtant|pero|aunque|sin embargo|mientras)\s+/u;

/**
 * What these words claim about an order, each kind once. Pure and linear in the text; questions, conditions, wishes and
 * what others are said to say claim nothing. Reads the languages of the output check.
 */
export function orderClaimsIn(text: string): readonly OrderClaim[] {
  const plain = folded(text.slice(0, READ_MAX)).replaceAll(/[“”„"«»]/g, " ");
  const found = new Map<string, OrderClaim>();
  for (const [sentence] of plain.matchAll(SENTENCE))
    for (const claim of sentenceClaims(sentence)) found.set(JSON.stringify(claim), claim);
  const claims = [...found.values()];
  return claims.filter((claim) => !isOverruled(claim, claims));
}

/**
 * A text that says both is about more than one thing, or reports what changed: neither counts. What is said in words
 * leaves nothing to follow from others.
 */
function isOverruled({ kind }: OrderClaim, claims: readonly OrderClaim[]): boolean {
  const overruling = OVERRULED[kind] ?? [];
  return claims.some((other) => overruling.includes(other.kind));
}

const OVERRULED: Partial<Record<OrderClaim["kind"], readonly OrderClaim["kind"][]>> = {
  arrived: ["not_arrived"],
  in_hand: ["arrived", "not_arrived"],
  not_arrived: ["arrived", "in_hand"],
  refunded: ["not_refunded"],
  not_refunded: ["refunded"],
};

function sentenceClaims(sentence: string): readonly OrderClaim[] {
  const isQuestion = /\?\s*$/.test(sentence);
  return CASE_WORDS.flatMap((words) => {
    const asksWhy = words.why.test(sentence);
    const clauses = sentence.slice(0, CLAUSE_MAX).split(CLAUSE_END);
    return clauses.flatMap((clause, index) =>
      claimsInClause(clause, words, isQuestion && index === clauses.length - 1 && !asksWhy),
    );
  });
}

function claimsInClause(clause: string, words: CaseWords, asks: boolean): readonly OrderClaim[] {
  if (words.supposed.test(clause)) return [];
  const missing: readonly OrderClaim[] = words.refundMissing.test(clause)
    ? [{ kind: "not_refunded" }]
    : [];
  // Where it is asked where a refund stays, it is said that none came.
  if (asks || words.reported.test(clause) || words.otherOrder.test(clause)) return missing;
  return [...missing, ...moneyIn(clause, words), ...parcelIn(clause, words)];
}

function moneyIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  const isDenied = words.negation.test(clause);
  if (words.chargedTwice.test(clause) && !isDenied) return [{ kind: "charged_twice" }];
  if (words.refund.test(clause)) return refundIn(clause, words);
  const isStated = words.charged.test(clause) && !isDenied && !words.unreal.test(clause);
  return isStated ? chargeIn(clause) : [];
}

/** Two amounts in one clause are compared by the customer; which was charged is not clear. */
function chargeIn(clause: string): readonly OrderClaim[] {
  // Of a folded clause it is not known what stood in capitals, as codes of most currencies have to.
  const inCapitals = clause.replaceAll(/[a-z]+/g, (word) => word.toUpperCase());
  const coded = onlyAmount(amountsIn(inCapitals, clause));
  const isWord = coded !== null && WORDS_BEFORE.has(coded.currency ?? "");
  const amount = isWord ? onlyAmount(amountsIn(clause)) : coded;
  return amount === null ? [] : [{ kind: "charged", ...amount }];
}

function onlyAmount(
  found: readonly Fact[],
): Pick<Extract<OrderClaim, { kind: "charged" }>, "minor" | "currency"> | null {
  const [amount, ...others] = found;
  const [, minor, named = "?"] = /^amount:(\d+):([A-Z]{3}|\?)$/.exec(amount?.keys[0] ?? "") ?? [];
  if (minor === undefined || others.length > 0) return null;
  return { minor: Number(minor), currency: named === "?" ? null : named };
}

function refundIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  const isDone = words.refunded.test(clause);
  if (!isDone || words.unreal.test(clause)) {
    const isMissed = words.negation.test(clause) && words.came.test(clause);
    return isMissed && !words.unreal.test(clause) ? [{ kind: "not_refunded" }] : [];
  }
  return [{ kind: words.negation.test(clause) ? "not_refunded" : "refunded" }];
}

function parcelIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  if (words.otherThing.test(clause)) return [];
  if (words.missing.test(clause)) return [{ kind: "not_arrived" }];
  if (words.unreal.test(clause)) return [];
  const isNegated = words.negation.test(clause);
  const arrived = words.arrived.exec(clause);
  if (arrived !== null)
    return [
      { kind: isNegated && !isAfter(clause, words.negation, arrived) ? "not_arrived" : "arrived" },
    ];
  if (isNegated && words.came.test(clause)) return [{ kind: "not_arrived" }];
  return words.inHand.test(clause) ? [{ kind: "in_hand" }] : [];
}

/** "It arrived without the charger": the negation is about what comes after. */
function isAfter(clause: string, negation: RegExp, arrived: RegExpExecArray): boolean {
  const before = clause.slice(0, arrived.index + arrived[0].length);
  return !negation.test(before);
}

// How customers write of their orders, by language.

/**
 * How customers of one language report on their order. All patterns are for folded text (lower case, no accents) and
 * are tried on one clause at a time.
 */
interface CaseWords {
  /** The beginning of a clause that is only supposed, such as "if"; nothing in it is a report. */
  readonly supposed: RegExp;
  /** What should be, will be or is wished for. */
  readonly unreal: RegExp;
  /** What others say: "the tracking says delivered". */
  readonly reported: RegExp;
  /** Another order than the one the message is about. */
  readonly otherOrder: RegExp;
  /** Takes the statement of its clause back. */
  readonly negation: RegExp;
  /** A question that states what it asks about: "why did it arrive broken?" */
  readonly why: RegExp;
  /** What is not a parcel although it can be received, come or be broken: a mail, the website, an account. */
  readonly otherThing: RegExp;
  readonly arrived: RegExp;
  /** Verbs of coming and getting: with a negation they say that it did not come. */
  readonly came: RegExp;
  /** It was in use or in hand: "the screen is cracked". A negation takes it back without saying the opposite. */
  readonly inHand: RegExp;
  /** It did not come, in words without a negated "arrived". */
  readonly missing: RegExp;
  readonly refund: RegExp;
  readonly refunded: RegExp;
  /** It did not come, or is asked after. */
  readonly refundMissing: RegExp;
  /** A verb that says how much was taken. */
  readonly charged: RegExp;
  readonly chargedTwice: RegExp;
}

const ENGLISH_ORDER = "(?:order|parcel|package|delivery|shipment|item|product|goods)";

const ENGLISH: CaseWords = {
  supposed:
    /^\W*(?:(?:and|but|so|or|please|also) )*(?:if|whether|unless|in case|once|as soon as|until|till|suppose|assuming|provided|let me know (?:if|when|once))\b|\b(?:if|whether|unless|in case|until|till) (?:it|they|the|my|this|that|i|we|you)\b/,
  unreal:
    /\b(?:should(?:'ve| have)?|would(?:'ve| have)?|could|might|must have|supposed to|meant to|expected to|promised to|was to|were to|will|won't be|going to|hope|hoping|wish|scheduled to|due to arrive)\b/,
  reported:
    /\b(?:tracking|status|website|site|app|carrier|courier|driver|ups|dhl|fedex|usps|royal mail|system|page|e-?mail|your (?:mail|message|records?)|you) (?:\w+ ){0,3}?(?:says?|said|shows?|showed|claims?|claimed|reports?|tells?|told|states?|insists?|marks?|reads?|lists?)\b|\b(?:marked|shown|listed|showing|shows up) as\b|\baccording to\b|\bsupposedly\b|\ballegedly\b/,
  otherOrder:
    /\b(?:last|previous|other|earlier|first|second|past|next|another|other half of (?:the|my)) (?:\w+ )?(?:order|parcel|package|one|ones|time|purchase|delivery|item)\b|\bthe rest\b|\bthe other (?:one|two|half|items?)\b/,
  negation:
    /\b(?:not|never|no|nothing|nobody|none|neither|without|nor|cannot|yet to|failed to|hardly|ain't|\w+n't|dont|didnt|hasnt|havent|wasnt|isnt|doesnt|wont)\b/,
  why: /^\W*(?:(?:so|and|but|then|please|hi|hello|sorry) )*(?:why|how come|how is it|how can it be)\b/,
  otherThing:
    /\b(?:e-?mails?|messages?|reply|replies|response|answer|invoice|receipt|confirmation|notification|newsletter|letter|link|code|password|log-?in|account|website|site|page|app|checkout|button|form|voucher|coupon|gift card|call|phone call|number|tracking|label|promises?|law|contract|catalogue|quote|refund|money|payment|credit|request|ticket|heart(?:broken)?)\b/,
  arrived:
    /\b(?:arrived|turned up|showed up|got here|has come|have come|came (?:today|yesterday|this morning|this week|last|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:the|a|pieces|two)|with|without|broken|cracked|damaged|smashed|shattered|faulty|late|early|already|finally|defective|scratched|dented|bent|wet|empty|open(?:ed)?|missing)|(?:was|were|been|got) delivered|(?:i|we)(?:'ve| have)? (?:just |finally |already |only |today |yesterday )*received|(?:i|we)(?:'ve| have)? (?:just |finally |already |only )*(?:got|unpacked|unboxed|opened|picked up|collected) (?:my|the|it|this|these|them|a (?:broken|cracked|damaged|wrong|different|used|faulty))|received (?:it|the|my|a (?:broken|cracked|damaged|wrong|different|used|faulty)))\b/,
  came: /\b(?:received?|arrived?|delivered|reached (?:me|us)|shown up|turned up|got|gotten|get (?:my|the|it|this)|come|came|seen)\b/,
  inHand:
    /\b(?:broke|is broken|was broken|are broken|were broken|is cracked|was cracked|has a crack|cracks? in|is shattered|is damaged|was damaged|are damaged|is defective|is faulty|was faulty|stopped working|does(?:n't| not) (?:work|turn on|switch on|fit|charge|start|light)|won't (?:turn on|switch on|charge|start)|not working|dead on arrival|is too (?:small|big|large|tight|loud|heavy)|out of the box|fell apart|is scratched|was scratched|is the wrong (?:colour|color|size|model|one)|(?:i am|i'm|been) using it|i tried it on|i plugged it in)\b/,
  missing: new RegExp(
    String.raw`\bstill waiting (?:for|on) (?:my|the|it|this|our|that)\b|\bno sign of (?:my|the|it)\b|\bnot here yet\b|\bstill not here\b|\b${ENGLISH_ORDER} (?:is|has|went|seems|seems to be|got|must be|was|has been)(?: \w+)? (?:missing|lost)\b|\blost in the (?:mail|post)\b|\bnothing (?:has )?(?:arrived|came|come|turned up|shown up)\b|\b(?:i|we) (?:have |'ve )?(?:still )?(?:received|got) nothing\b`,
  ),
  refund: /\b(?:refund(?:ed|s|ing)?|money back|reimburse\w*|paid (?:me )?back)\b/,
  refunded:
    /\b(?:you(?:'ve| have)? (?:\w+ )?(?:refunded|reimbursed|paid me back)|(?:i|we|it|order|half|part|all|everything)(?: \w+)? (?:was|were|been|got) (?:\w+ )?(?:refunded|reimbursed)|(?:i|we)(?:'ve| have)? (?:already |just |only )*(?:been|was|were|got|received|had) (?:\w+ ){0,3}(?:refund(?:ed)?|money back|reimbursed)|refund (?:has |just |already )*(?:arrived|came|come|went through|landed))\b/,
  refundMissing:
    /\bwhere(?:'s| is| has| are)? (?:\w+ )?(?:my|the|our) (?:\w+ )?(?:refund|money)\b|\bstill waiting (?:for|on) (?:\w+ ){0,2}(?:refund|money back|reimbursement)\b|\bno (?:refund|money)(?: has| yet| so far| came| arrived| on my)\b/,
  charged: /\b(?:charged|billed|debited|took|taken|paid|withdrew|withdrawn|deducted)\b/,
  chargedTwice:
    /\b(?:charged|billed|debited|paid|took(?: the money)?|deducted|taken)(?: \w+){0,5} (?:twice|two times|2 times|2x|double|three times)\b|\b(?:double|duplicate|two|2|second) (?:charges?|payments?|billing|transactions?|debits?)\b|\btwice (?:charged|billed|debited)\b|\bdouble[- ](?:charged|billed)\b/,
};

const GERMAN_ORDER =
  "(?:bestellung|paket|packchen|sendung|lieferung|ware|artikel|telefon|handy|lampe|kopfhorer|rucksack|laptop|kabel|hulle|wasserkocher|gerat)";
/** Folded text has neither umlauts nor sharp s; people also write "ae" and "ue". */
const GERMAN: CaseWords = {
  supposed:
    /^\W*(?:(?:und|aber|oder|also|bitte) )*(?:wenn|falls|ob|sobald|sofern|bis|solange|bevor)\b|\b(?:falls|ob|sobald|sofern|bis) (?:es|sie|er|das|die|der|mein|meine|ich|wir)\b/,
  unreal:
    /\b(?:sollte|sollten|hatte \w+ (?:\w+ )?(?:sollen|mussen)|hatte (?:\w+ ){0,4}(?:ankommen|kommen|geliefert werden) (?:sollen|mussen)|ware|waere|konnte|koennte|wird|werden soll|wurde gern|wuerde|hoffe|hoffentlich|soll|sollen|mochte|moechte)\b/,
  reported:
    /\b(?:sendungsverfolgung|status|tracking|webseite|seite|app|dhl|hermes|dpd|gls|ups|bote|fahrer|zusteller|system|sie)(?: \w+){0,3}? (?:sagt|sagen|zeigt|behauptet|behaupten|meldet|schreibt|schreiben|meint|steht)\b|\b(?:laut|angeblich|als zugestellt|als geliefert|als erhalten)\b/,
  otherOrder:
    /\b(?:letzte|letzten|vorige|vorigen|andere|anderen|fruhere|fruheren|erste|ersten|zweite|nachste|nachsten)(?: \w+)? (?:bestellung|paket|lieferung|sendung|mal|artikel|teil)\b|\bder rest\b/,
  negation:
    /\b(?:nicht|nie|niemals|kein|keine|keinen|keinem|keiner|keines|nichts|noch immer nicht|ohne|weder|niemand)\b/,
  why: /^\W*(?:(?:und|aber|also|bitte|hallo) )*(?:warum|wieso|weshalb|wie kann es sein)\b/,
  otherThing:
    /\b(?:e-?mails?|mail|nachricht(?:en)?|antwort(?:en)?|rechnung|quittung|bestatigung|benachrichtigung|newsletter|brief|link|code|passwort|kennwort|anmeldung|konto|webseite|website|seite|app|knopf|formular|gutschein|anruf|nummer|versprechen|vertrag|erstattung|ruckerstattung|geld|zahlung|gutschrift|anfrage|ticket|frage)\b/,
  arrived: new RegExp(
    String.raw`\b(?:angekommen|eingetroffen|(?:kam|kamen)(?: \w+){0,5} an|(?:kam|kamen)(?: \w+){0,3} (?:kaputt|defekt|beschadigt|zerkratzt|zerbrochen|gestern|heute|verspatet)|(?:wurde|wurden|ist|sind|worden)(?: \w+){0,4} (?:geliefert|zugestellt)|geliefert (?:worden|wurde|bekommen)|(?:habe|haben|hab) (?:\w+ ){0,6}(?:erhalten|bekommen|ausgepackt|abgeholt)|(?:erhielt|bekam) (?:\w+ ){0,3}${GERMAN_ORDER})\b`,
  ),
  came: /\b(?:gekommen|erhalten|bekommen|geliefert|zugestellt|angekommen|eingetroffen|eingegangen|gesehen|da)\b/,
  inHand:
    /\b(?:ist|war|sind|waren)(?: \w+){0,3} (?:kaputt|defekt|beschadigt|zerkratzt|zerbrochen|gesprungen|fehlerhaft|zu klein|zu gross|gerissen|undicht)\b|\b(?:funktioniert|geht|ladt|startet|passt)(?: \w+){0,4} nicht\b|\b(?:kaputt ?gegangen|kaputtging|ging kaputt|einen riss|einen sprung|hat einen kratzer|lasst sich nicht (?:einschalten|offnen|laden)|falsche (?:farbe|grosse|modell))\b/,
  missing: new RegExp(
    String.raw`\bwarte (?:\w+ ){0,4}auf (?:mein|meine|meinen|das|die|den|es|unsere|unser)\b|\b(?:ist|sind) (?:\w+ )?(?:immer )?noch nicht (?:da|hier|angekommen|gekommen|geliefert|eingetroffen)\b|\b${GERMAN_ORDER} (?:ist|fehlt|wurde|scheint)(?: \w+)? ?(?:verloren|verschwunden|verschollen|nicht da|$)|\bnichts (?:angekommen|bekommen|erhalten|geliefert|gekommen)\b`,
  ),
  refund:
    /\b(?:erstatt\w*|ruckerstatt\w*|zuruckerstatt\w*|geld zuruck|zuruckgezahlt|zuruckbezahlt|uberwiesen)\b/,
  refunded:
    /\b(?:haben|habe|hat|wurde|wurden|ist|worden)(?: \w+){0,6} (?:erstattet|zuruckerstattet|ruckerstattet|zuruckgezahlt|zuruckbezahlt)\b|\b(?:erstattung|geld)(?: \w+){0,3} (?:erhalten|bekommen|angekommen|da|eingegangen|zuruckbekommen)\b/,
  refundMissing:
    /\bwo (?:bleibt|ist|bleiben) (?:mein|meine|die|das) (?:geld|erstattung|ruckerstattung)\b|\bwarte (?:\w+ ){0,4}auf (?:meine|die|mein|das) (?:\w+ )?(?:erstattung|ruckerstattung|geld)\b|\b(?:kein geld|keine (?:erstattung|ruckerstattung))\b/,
  charged: /\b(?:abgebucht|belastet|berechnet|bezahlt|eingezogen|gezahlt)\b/,
  chargedTwice:
    /\b(?:zweimal|doppelt|2x|2 mal|zwei mal|dreimal)(?: \w+){0,5} (?:abgebucht|belastet|berechnet|bezahlt|eingezogen|gezahlt)\b|\b(?:doppelte|zwei|zweite) (?:abbuchung(?:en)?|belastung(?:en)?|zahlung(?:en)?)\b/,
};

const FRENCH: CaseWords = {
  supposed:
    /^\W*(?:(?:et|mais|ou|donc|alors) )*(?:si|s'il|s'ils|des que|des qu'|tant que|avant que|avant qu'|jusqu'a ce que|au cas ou)(?: |\b)|\b(?:si|s'il|s'ils|des qu'|jusqu'a ce qu') ?(?:elle|il|le|la|les|je|vous|on|mon|ma)\b/,
  unreal:
    /\b(?:aurait du|auraient du|aurait pu|devait|devaient|devrait|doit|serait|sera|seront|va|vont|espere|voudrais|censee?s?|prevue?s? pour)\b/,
  reported:
    /\b(?:suivi|statut|site|page|application|transporteur|livreur|chronopost|colissimo|dhl|ups|systeme|vous)(?: \w+){0,3}? (?:dit|dites|indique|indiquez|affiche|affirme|affirmez|pretend|pretendez|annonce|marque)\b|\b(?:selon|d'apres|soi-disant|apparemment|indiquee?s? comme|marquee?s? comme)\b/,
  otherOrder:
    /\b(?:derniere|precedente|autre|premiere|deuxieme|prochaine|dernier|precedent|premier|prochain) (?:\w+ )?(?:commande|colis|livraison|achat|article|fois)\b|\ble reste\b/,
  negation:
    /\b(?:n'|ne |n'ai|n'a|n'est|n'ont|jamais|rien|aucune?|sans|toujours pas|pas)(?:\b|(?<=['\s]))/,
  why: /^\W*(?:(?:et|mais|alors|bonjour) )*(?:pourquoi|comment se fait-il)\b/,
  otherThing:
    /\b(?:e-?mails?|mails?|courriels?|messages?|reponses?|facture|recu de|confirmation|notification|newsletter|lettre|lien|code|mot de passe|connexion|compte|site|page|application|bouton|formulaire|bon d'achat|appel|numero|promesse|contrat|remboursement|argent|paiement|avoir|demande|ticket)\b/,
  arrived:
    /\b(?:est|sont|etait|etaient)(?: \w+){0,2} arrivee?s?\b|\b(?:a|ont|etait|etaient)(?: \w+){0,2} (?:ete )?livree?s?\b|\bj'ai (?:\w+ ){0,2}(?:recue?s?|deballee?s?|recuperee?s?)\b|\bnous avons (?:\w+ ){0,2}recue?s?\b|\b(?:est|a ete) remise?\b/,
  came: /\b(?:recue?s?|arrivee?s?|livree?s?|eu|touche|vu|arrive)\b/,
  inHand:
    /\b(?:est|sont|etait|etaient)(?: \w+){0,3} (?:cassee?s?|abimee?s?|defectueu(?:x|se|ses)|endommagee?s?|fendue?s?|fissuree?s?|rayee?s?|brisee?s?|trop petite?s?|trop grande?s?)\b|\bne (?:fonctionne|marche|s'allume|charge|demarre)(?: \w+)? ?(?:pas|plus)\b|\b(?:en panne|tombee?s? en panne|s'est cassee?|mauvaise? (?:couleur|taille|modele|article))\b/,
  missing:
    /\bj'attends (?:\w+ ){0,3}(?:mon|ma|le|la|mes|notre) (?:\w+ )?(?:commande|colis|livraison|article|telephone|lampe|paquet)\b|\b(?:colis|commande|paquet|livraison) (?:est|semble|a ete|serait) (?:\w+ )?perdue?\b|\brien recu\b|\brien n'est arrive\b|\baucune nouvelle (?:de mon|du|de ma) (?:colis|commande|livraison)\b/,
  refund: /\b(?:rembours\w+)\b/,
  refunded:
    /\b(?:avez|m'avez|m'a|a|ont|ai|j'ai|suis|ete)(?: \w+){0,4} remboursee?s?\b|\b(?:recu|touche|eu) (?:\w+ ){0,3}remboursement\b|\bremboursement (?:est|a ete) (?:\w+ )?(?:arrive|recu|verse|effectue)\b/,
  refundMissing:
    /\bou (?:est|en est) (?:mon|le) (?:\w+ )?(?:remboursement|argent)\b|\bj'attends (?:\w+ ){0,3}(?:mon|le|un) remboursement\b|\baucun remboursement\b/,
  charged: /\b(?:debitee?s?|prelevee?s?|facturee?s?|payee?s?|paye|preleve|debite)\b/,
  chargedTwice:
    /\b(?:debitee?s?|prelevee?s?|facturee?s?|payee?s?)(?: \w+){0,4} (?:deux fois|2 fois|en double|trois fois)\b|\b(?:double|deux|second|deuxieme) (?:debits?|prelevements?|paiements?|facturations?)\b/,
};

const SPANISH: CaseWords = {
  supposed:
    /^\W*(?:(?:y|pero|o|entonces) )*(?:si|cuando llegue|en cuanto|hasta que|a menos que|en caso de que|siempre que)\b(?! ?,)|\b(?:si|en cuanto|hasta que|cuando) (?:\w+ ){0,3}(?:llega|llegue|llegara|llegase|reciba|recibe|recibo)\b/,
  unreal:
    /\b(?:deberia|debia|deberian|tenia que|tendria que|habria|iba a|iban a|va a|van a|llegara|espero|ojala|quisiera|quiero que|se supone)\b/,
  reported:
    /\b(?:seguimiento|estado|web|pagina|aplicacion|transportista|repartidor|correos|mensajeria|dhl|ups|seur|sistema|ustedes)(?: \w+){0,3}? (?:dice|dicen|indica|indican|muestra|afirma|afirman|pone|aparece|marca)\b|\b(?:segun|supuestamente|al parecer|aparece como|figura como|consta como|marcado como)\b/,
  otherOrder:
    /\b(?:ultimo|anterior|otro|primer|segundo|proximo|otra|anterior) (?:\w+ )?(?:pedido|paquete|envio|articulo|compra|vez)\b|\b(?:pedido|paquete|envio|compra) anterior\b|\bel resto\b/,
  negation: /\b(?:no|nunca|jamas|nada|ningun|ninguno|ninguna|sin|tampoco|nadie)\b/,
  why: /^\W*(?:(?:y|pero|hola) )*(?:por que|como es que|como puede ser)\b/,
  otherThing:
    /\b(?:e-?mails?|correos?(?: electronicos?)?|mensajes?|respuestas?|factura|confirmacion|notificacion|boletin|carta|enlace|codigo|contrasena|cuenta|web|pagina|aplicacion|boton|formulario|cupon|llamada|numero|promesa|contrato|reembolso|devolucion|dinero|pago|abono|solicitud|ticket)\b/,
  arrived:
    /\b(?:llego|llegaron|ha llegado|han llegado|me ha llegado|fue entregad[oa]|fueron entregad[oa]s|(?:ha|han) sido entregad[oa]s?|(?:he|hemos) recibido|(?:recibi|recibimos) (?:el|la|mi|un|una|los|las|su|ayer|hoy|este|esta)|me entregaron)\b/,
  came: /\b(?:recibido|recibi|llegado|llego|llega|entregado|entregaron|visto)\b/,
  inHand:
    /\b(?:esta|estan|estaba|vino|vinieron|venia)(?: \w+){0,3} (?:rot[oa]s?|danad[oa]s?|defectuos[oa]s?|rajad[oa]s?|agrietad[oa]s?|rayad[oa]s?|abollad[oa]s?)\b|\bno (?:funciona|enciende|carga|arranca|me queda)\b|\b(?:dejo de funcionar|se rompio|se ha roto|es demasiado (?:grande|pequen[oa])|(?:color|talla|modelo|articulo) equivocad[oa])\b/,
  missing:
    /\b(?:sigo|seguimos|estoy|llevo \w+ \w+) esperando (?:\w+ )?(?:mi|el|la|nuestro) (?:\w+ )?(?:pedido|paquete|envio|telefono|lampara|articulo)\b|\b(?:paquete|pedido|envio) (?:esta|se ha|se) (?:perdido|perdio|extraviado|extravio)\b|\bnada ha llegado\b|\bno (?:me )?ha llegado nada\b|\bno he recibido nada\b/,
  refund:
    /\b(?:reembols\w+|devolucion del (?:dinero|importe)|devuelto el (?:dinero|importe)|devolvieron)\b/,
  refunded:
    /\b(?:me|nos|ya|han|ha|hemos)(?: \w+){0,4} (?:reembolsad[oa]|reembolsaron|reembolso|devuelto el (?:dinero|importe)|devolvieron el (?:dinero|importe))\b|\b(?:he recibido|recibi|me llego) (?:\w+ ){0,2}reembolso\b|\bfue reembolsad[oa]\b/,
  refundMissing:
    /\bdonde esta (?:mi|el) (?:reembolso|dinero)\b|\b(?:sigo|estoy) esperando (?:\w+ ){0,2}(?:reembolso|devolucion)\b|\bningun reembolso\b/,
  charged: /\b(?:cobrado|cobraron|cobrar|cargado|cargaron|pague|pagado|debitado)\b/,
  chargedTwice:
    /\b(?:cobrado|cobraron|cargado|cargaron|pague|pagado|debitado)(?: \w+){0,4} (?:dos veces|2 veces|doble|tres veces)\b|\b(?:doble|dos|segundo) (?:cobros?|cargos?|pagos?)\b/,
};

/** The languages in which reports on orders are read. */
const CASE_WORDS: readonly CaseWords[] = [ENGLISH, GERMAN, FRENCH, SPANISH];
