/** What the output check looks for in French. */
import type { Wording } from "#guard/languages/language.ts";
import { FRAMES } from "./frames.ts";
import { TOPICS } from "./topics.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

const PEOPLE =
  "(?:je|nous|on|quelqu'un|l'équipe|le support|notre (?:\\w+ )?(?:équipe|service|entrepôt|support|responsable)|nos (?:\\w+ )?(?:équipes|collègues|experts|services)|un(?:e)? (?:\\w+ )?(?:collègue|conseiller|conseillère|personne|membre de (?:notre|l')équipe|responsable|spécialiste|agent)|mon (?:collègue|responsable)|mes collègues|le service (?:\\w+))";
const SEES =
  "(?:contact|rappel|recontact|répond|revien|vérifi|examin|étudi|enquêt|transmett|transmet|occup|renseign|informer|inform|tiend|tien|regard|recherch|cherch|suiv|suis|pren|appel|téléphon|écri|demand|voi|parl|sign|relanc|préviend|prévien|avert)\\w*";

/** What the check looks for in French. */
export const french: Wording = {
  language: "fr",
  // "Commandes 456 et 789" is one item.
  clauseEnd: pattern(
    String.raw`[,;:–—]\s|\s-+\s|\s[([]|\b(?:et(?! #?\d[\w-]*\b(?! ?(?:usd|eur|euros|dollars|jours|%)))|mais|car|parce que|bien que|tandis que|puis)\s`,
    "g",
  ),
  question: pattern(
    String.raw`^\W*(?:(?:et|donc|alors|juste pour être sûr|ou)[,:]? )?(?:est-ce|avez|as-tu|ont|est|sont|était|peut|pouvez|pourriez|puis-je|dois-je|voulez|souhaitez|désirez|préférez|voudriez|faut|quel\w*|que|quoi|qui|où|quand|comment|combien|pourquoi|cela|confirmez|s'agit|y a-t-il|a-t-\w+)\b`,
  ),
  condition: pattern(
    String.raw`\b(?:si|s'il|s'ils|lorsque|lorsqu\w*|quand|dès que|dès qu'\w*|une fois que|à condition|au cas où|tant que|après que|avant de|avant que|sous réserve|selon)\b|^\W*(?:veuillez|merci de|envoyez|confirmez|indiquez|dites|donnez|écrivez|répondez)\b[^.!?]{0,160}(?:,| et) (?:et |puis )?(?:je|nous|on)\b`,
  ),
  // A promise that only waits for news is still a promise.
  news: pattern(
    String.raw`\b(?:dès que|lorsque|quand|une fois que) (?:j'en|j'ai|j'aurai|nous en|nous avons|nous aurons|nous) (?:sais|saurai|savons|saurons|plus|du nouveau|des nouvelles|une réponse)\b`,
    "g",
  ),
  inGeneral: pattern(
    String.raw`^\W*(?:(?:toutes|tous|la plupart|les|nos|des) )*(?:commandes|colis|articles|produits|livraisons|remboursements|bons d'achat|retours|réparations)\b(?! (?:n° ?)?#?\d)`,
  ),
  hypothetical: pattern(
    String.raw`^\W*(?:(?:et|ou|mais|seulement|même) )?(?:si|s'il|lorsque|lorsqu\w*|quand|dès que|dès qu|une fois|à condition|au cas|tant que|avant|jusqu'à|comment|ce que|quel\w*|pour)\b`,
  ),
  repeats: pattern(
    String.raw`\bvous (?:avez (?:demandé|écrit|mentionné|indiqué|dit)|demandez|écrivez|souhaitez|mentionnez|indiquez)\b|\bvotre (?:message|question|demande|e-?mail|courriel|lettre)\b|\b(?:ne|n')\W?.{0,40}\b(?:trouve|trouvons|vois|voyons|trouvé|aucune)\b`,
  ),
  // "May be" or "should be" does not state that it is so either, so modal verbs are listed too.
  denial: pattern(
    String.raw`\b(?:pas(?! seulement)|jamais|aucune?|ni|rien|personne ne|plus (?:possible|être)|impossible|sans|peut|peux|pouvons|pourrait|pourrions|pourrais|pouvez|peuvent|voudrais|souhaite|souhaitez|souhaitons|devons|doit|dois|devez|devrait|faut|aimerions|serait|serions|puis-je|veuillez)\b`,
  ),
  reports: pattern(
    String.raw`\bvous (?:avez (?:écrit|dit|indiqué|mentionné|demandé)|écrivez|dites|indiquez|mentionnez|demandez|pensez)\b[^,;]{0,20}\b(?:que|qu'|si)[^,;]{0,80}$`,
  ),
  happens: pattern(
    String.raw`\b(?:est|sont|a|ont|été|sera|seront|ai|avons|vient|viennent|arrive|part|revient|\w{3,}ée?s?)\b`,
  ),
  harmless: pattern(
    String.raw`\b(?:peut|pouvez|pouvons|peux|pourrait|pourrions|pas|plus|jamais|aucune?|possible|impossible|concernant|question\w*|politique|en général|généralement|normalement|habituellement|toujours|refusée?s?|demand\w*|souhait\w*|voul\w*|si|comment|quand|selon|au lieu|proposer|attend\w*|désolée?s?|pour un|doit|faut|dépend|se fait|prend|va sur)\b`,
  ),
  likewise: pattern(String.raw`^\W*(?:et )?(?:de même|aussi|ainsi que)\b`),
  // "Est remboursé" may be a rule, "a été remboursé" is not.
  past: pattern(String.raw`\b(?:j'ai|ai|avons|a|ont|été|viens|venons|vient|avez|je|nous|on)\b`),
  undone: (upTo) => UNDONE.test(upTo),
  refers: pattern(
    String.raw`\b(?:le|la|les|l'|il|elle|cela|ça|tout|ceci|en|l'argent|le montant)\b`,
  ),
  inFull: pattern(
    String.raw`\b(?:intégral\w*|intégralité|total\w*|totalité|entier\w*|entièrement|complète\w*|complet|tout|toute)\b`,
  ),
  half: pattern(String.raw`\b(?:moitié|50 ?%)\b`),
  several: pattern(
    String.raw`\b(?:les|vos) deux (?:commandes|remboursements)\b|\btoutes (?:vos|les) commandes\b`,
  ),
  anew: pattern(
    String.raw`\b(?:viens|venons|vient|maintenant|à l'instant|aujourd'hui|de nouveau|encore|un autre|une autre|supplémentaire\w*)\b`,
  ),
  otherPlaces: pattern(
    String.raw`\b(?:compte bancaire|paypal|autre carte|nouvelle carte|chèque|carte-cadeau|porte-monnaie)\b`,
  ),
  priceBefore: pattern(
    String.raw`\b(?:sur les|des|payé|coûte|coûtait|coûté|prix(?: de)?|au lieu de|valeur de|total(?: de)?)\s$`,
  ),
  priceAfter: pattern(String.raw`^\s(?:que vous|payés?|au total|de la commande|réglés?)\b`),
  verb: pattern(
    String.raw`\b(?:est|sont|a|ai|ont|avez|avons|sera|serez|été|peut|pouvez|je|nous|vous|il|elle|ils|elles|ne|n'|pas|qui|que|qu'|reste|si|dont|veuillez)\b`,
  ),
  toPlace:
    /(?:\bau|(?<!\p{L})à|\bvers le|\bvers|\ben|est(?: désormais| maintenant)?) (?=\d+,? (?:rue|avenue|bd|boulevard|place|chemin|\p{Lu}))/u,
  frames: FRAMES,
  topics: TOPICS,
  // The near future ("va vous rappeler"), the future and the present all promise.
  handOverPromised: anyOf(
    String.raw`\b${PEOPLE} (?:vous |te |la |le |les |l'|y |lui |leur |en |se |s'|nous |me |m')*(?:va|vais|vont|allons) (?:vous |te |le |la |les |l'|en |se |s'|nous |me |m'|y )*${SEES}`,
    String.raw`\b${PEOPLE} (?:vous |te |la |le |les |l'|y |lui |leur |en |se |s'|nous |me |m')*(?:contactera|contacterons|contacterai|contacteront|rappellera|rappellerons|rappellerai|recontactera|recontacterons|recontacterai|répondra|répondrons|répondrai|reviendra|reviendrons|reviendrai|vérifiera|vérifierons|vérifierai|examinera|examinerons|étudiera|étudierons|transmettra|transmettrons|transmettrai|occupera|occuperons|occuperai|informera|informerons|informerai|tiendra|tiendrons|tiendrai|prendra|prendrons|cherchera|chercherons|recherchera|rechercherons|appellera|appellerons|écrira|écrirons|demanderai|demanderons|enquêtera|enquêterons|renseignerai|renseignerons|préviendra|préviendrons)\b`,
    String.raw`\b(?:je|nous|on) (?:vous |te |nous |me |m'|en )*(?:vérifie|vérifions|transmets|transmettons|recontacte|recontactons|reviens vers|revenons vers|m'en occupe|occupons|tiens au courant|tenons au courant|tiens informé|tenons informé|me renseigne|renseignons|contacte|contactons|rappelle|rappelons)\b`,
    String.raw`\bvous (?:serez|allez être) (?:recontacté|contacté|rappelé|informé|prévenu)\w*|\baurez (?:bientôt )?(?:de nos nouvelles|une réponse)\b`,
  ),
  handOverDone: anyOf(
    String.raw`\b(?:j'ai|nous avons|a|ont|l'ai|l'avons|viens de|venons de)\b.{0,60}\b(?:transmis|transmettre|transféré|transférer|escaladé|ouvert|créé|signalé|prévenu|informé|contacté|demandé à|averti|remonté|confié|saisi)\w*\b.{0,80}\b(?:équipes?|collègues?|service|dossier|ticket|responsable|entrepôt|transporteur|cas|demande|enquête|spécialiste)`,
    String.raw`\b(?:demande|dossier|cas|réclamation|ticket|enquête)\b.{0,30}\b(?:a|est|été)\b.{0,20}\b(?:transmise?|transférée?|escaladée?|ouverte?|créée?|confiée?|prise? en charge|à l'étude|en cours d'examen)\b`,
    String.raw`\b${PEOPLE} (?:est en train|sont en train|y travaille|y travaillent|s'en occupe|s'en occupent|examine|étudie|vérifie|enquête|recherche|cherche)\b`,
  ),
  // Future forms have their own endings, so any verb is found.
  promised: anyOf(
    String.raw`\b(?:je|j'|nous|on) (?:vous |te |le |la |les |l'|en |y |nous |me |m')*(?:\w{2,}(?:erai|irai|drai|vrai|rrai|erons|irons|drons|vrons|rrons)|vais|allons)\b`,
  ),
  promisedLightly: pattern(
    String.raw`\b(?:serai|serons|aurai|aurons|pourrai|pourrons|devrons|devrai|ferai|ferons|aiderai|aiderons|aider|répondre|essayer|essaierons|essaierai|faire (?:de|tout)|jamais|pas|besoin|expliquer|voir)\b`,
  ),
  doneUnnamed: anyOf(
    String.raw`^\W*(?:(?:ok|voilà|parfait|très bien|bon|super|bonne nouvelle)\W+)*(?:c'est|cela est|tout est|le tout est|ça y est,? c'est)? ?(?:bien |tout |déjà )*(?:fait|réglé|résolu|arrangé|corrigé|terminé|chose faite|en ordre)\b`,
    String.raw`\b(?:c'est|cela a été|tout a été|tout est|cela est|l'a été)\b.{0,20}\b(?:fait|réglé|résolu|arrangé|corrigé|en ordre|pris en charge)\b`,
    String.raw`\b(?:j'ai|nous avons|m'en suis|nous en sommes|je me suis|nous nous sommes)\b.{0,30}\b(?:réglé|résolu|arrangé|fait le nécessaire|occupée?s?|corrigé le problème)\b`,
    String.raw`\b(?:problème|demande|souci|affaire)\b.{0,20}\b(?:résolue?|réglée?|traitée?|close?)\b`,
    String.raw`\ble nécessaire a été fait\b|\bfait le nécessaire\b`,
  ),
  // Any participle counts; what every author of a reply has done is taken out by the next list.
  didSomething: anyOf(
    String.raw`\b(?:j'ai|je vous ai|je l'ai|nous avons|nous vous avons|nous l'avons)(?: (?:bien|déjà|aussi|également|donc|immédiatement))* (?:\w{3,}(?:é|i|u|is|it|ert)e?s?|mise?s?|prise?s?|faite?s?)\b`,
    // Anything done to something of the customer's, except an order's state.
    String.raw`\b(?:a|ont|viennent de|vient de)(?: (?:vous|bien|déjà|donc|également))* (?:été|être) (?:\w{3,}(?:é|i|u|is|it|ert)e?s?|mise?s?|prise?s?|faite?s?)\b`,
  ),
  didLittle: pattern(
    String.raw`\b(?:vérifiée?s?|regardée?s?|trouvée?s?|vue?s?|lue?s?|reçue?s?|comprise?s?|consultée?s?|notée?s?|cherchée?s?|essayée?|comparée?s?|indiquée?s?|expliquée?s?|mentionnée?s?|dit|écrit|promis|convenu|expédiée?s?|livrée?s?|envoyé votre|eu|besoin|deux|trois|pris connaissance|fait une erreur|facturée?s?|bien compris|payée?s?|commandée?s?|endommagée?s?|refusée?s?|débitée?s?|préparée?s?|remise?s? au|achetée?s?|passée?s?|perdue?s?|cassée?s?)\b`,
  ),
  // An order's state, which a record has to show.
  states: [
    {
      pattern: anyOf(
        String.raw`\b(?:a|ont|est|sont|avons|été)\b.{0,40}\b(?:expédiée?s?|envoyée?s?|postée?s?|remise?s? au transporteur)\b`,
        String.raw`\b(?:votre|vos|le|la|commande) (?:[\w#-]+ ){1,3}(?:est|sont) (?:déjà |bien )?en (?:route|chemin)\b`,
        String.raw`\b(?:a|ont|est) quitté (?:notre|l')\W?entrepôt\b`,
      ),
      state: "shipped",
    },
    {
      pattern: pattern(
        String.raw`\b(?:a|ont|est|sont|avons|été)\b.{0,40}\b(?:livrée?s?|distribuée?s?|arrivée?s?|remise?s? en main)\b`,
      ),
      state: "delivered",
    },
    {
      pattern: pattern(
        String.raw`\b(?:avons|ai|a|est)\b.{0,40}\b(?:reçu|arrivé|réceptionné)\w*\b.{0,30}\b(?:retour|colis retourné)\b|\bretour\b.{0,30}\b(?:a été|est)\b.{0,20}\b(?:reçu|arrivé|réceptionné)\b`,
      ),
      state: "returned",
    },
    {
      pattern: pattern(String.raw`\b(?:a|ont|est|sont)\b.{0,30}\b(?:perdue?s?|égarée?s?)\b`),
      state: "lost",
    },
  ],
};

const UNDONE = pattern(
  String.raw`\b(?:pas(?! seulement)|jamais|aucune?|ni|rien|ne|n'|sans|plus (?:possible|être))\b`,
);
