/** How French names each topic a reply can make a claim about. */
import { ANYTHING, NOTHING, topicWords } from "#guard/languages/topic-words.ts";
import type { TopicWords } from "#guard/languages/language.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

/** Participles without their endings for gender and number. */
const GIVEN =
  "effectué|traité|lancé|initié|validé|approuvé|accepté|envoyé|émis|transmis|confirmé|réalisé|déclenché|accordé|ordonné|finalisé|terminé|enregistré|expédié|programmé|procédé|mis en route|créé|généré|demandé";

/** A topic in French. */
function topic({
  verbs,
  infinitives,
  present,
  futures,
  underway,
  ...words
}: Omit<Parameters<typeof topicWords>[0], "underway" | "future"> & {
  readonly infinitives: string;
  /** First-person forms of the present. */
  readonly present: string;
  readonly futures: string;
  readonly underway?: RegExp;
}): TopicWords {
  const agreeing = `(?:${verbs})e?s?`;
  const isBroad = words.subject === ANYTHING;
  return topicWords({
    ...words,
    verbs: agreeing,
    definite: pattern(
      String.raw`\b(?:votre|vos|le|la|les|ce|cette|ton|ta|tes|l') ?(?:\w+ ){0,2}(?:${words.nouns})\b`,
    ),
    done: anyOf(
      String.raw`\b(?:viens|vient|venons|viennent) (?:donc |tout juste )?(?:de |d')(?:vous |te |le |la |les |l'|en )*(?:${infinitives})\b`,
      String.raw`\b(?:procédé|veillé) (?:à|au) (?:\w+ ){0,2}(?:${words.nouns}|${infinitives})\b`,
    ),
    underway:
      underway ??
      anyOf(
        String.raw`\b(?:en (?:cours|route|chemin)|est parti\w*|sont parti\w*|en train d|dans votre boîte)\b`,
        String.raw`\b(?:je|nous|on) (?:vous |te |le |la |les |l'|en )*(?:${present})\b`,
        String.raw`\b(?:s'en occupe|nous nous en occupons|je m'en occupe)\b`,
      ),
    future: isBroad
      ? pattern(String.raw`\b(?:${futures})\b`)
      : anyOf(
          String.raw`\b(?:vais|allons|va|vont|allez)\b (?:vous |te |le |la |les |l'|en |bientôt |être )*(?:${infinitives}|recevoir|récupérer|obtenir|voir|${agreeing})\b`,
          String.raw`\b(?:${futures})\b`,
          String.raw`\b(?:sera|seront|serez|seras)\b.{0,30}\b${agreeing}\b`,
          String.raw`\b(?:recevrez|recevras|récupérerez|obtiendrez|verrez|retrouverez|aurez|recevez)\b`,
          String.raw`\b\w{2,}(?:era|eront|ira|iront|dra|dront)\b.{0,30}\b(?:sur|chez|votre|vous)\b`,
          String.raw`\b(?:revient|reviendra|arrive|arrivera|retourne)\b.{0,30}\b(?:votre|sur|chez)\b`,
        ),
  });
}

const GENERALLY =
  "\\b(?:en général|généralement|normalement|habituellement|d'habitude|toujours|souvent|en règle générale|selon)\\b";

/** The topics in French. */
export const TOPICS: readonly TopicWords[] = [
  // Money has many names, and many sentences about it mean no refund at all.
  topic({
    name: "refund",
    subject: pattern(
      String.raw`\b(?:remboursements?|rembourse\w*|argent|avoir de|somme|montant|virement)\b`,
    ),
    itself: anyOf(
      String.raw`\b(?:rembours(?:é|er|ai|ons|era|erai|erons|erez)\w*|recrédité\w*|crédité\w*|restitué\w*|recréditer|recréditons)\b`,
      String.raw`\b(?:recevrez|recevoir|récupérerez|récupérer|recevez|retrouverez|verrez)\b.{0,40}\b(?:\d[\d.,]* ?(?:usd|eur|€|dollars|euros)|argent|montant|somme|totalité)`,
      String.raw`\b(?:rendu|rendre|rendons|reversé|renvoyé)\w*\b.{0,40}\b(?:argent|montant|somme|\d[\d.,]*)\b`,
      String.raw`\b(?:débit|prélèvement|paiement)\b.{0,30}\bannulé\w*`,
      String.raw`\d[\d.,]* ?(?:usd|eur|€|dollars|euros)\b.{0,40}\b(?:sur votre (?:carte|compte)|de retour)\b`,
    ),
    verbs: `${GIVEN}|remboursé|recrédité|crédité|restitué|reversé|rendu|versé|annulé|retourné`,
    nouns: "remboursement|argent|montant|somme|virement|\\d[\\d.,]* ?(?:usd|eur|euros|dollars|chf)",
    infinitives:
      "rembourser|recréditer|créditer|restituer|reverser|rendre|verser|effectuer|lancer|procéder",
    present:
      "rembourse|remboursons|recrédite|recréditons|restitue|restituons|reverse|reversons|rends|rendons|verse|versons",
    futures:
      "rembourserai|rembourserons|remboursera|recréditerons|restituerons|reverserons|rendrons|recréditerai|verserons",
    generally: anyOf(
      GENERALLY,
      String.raw`\bles remboursements (?:sont|vont|prennent|se font|peuvent)\b`,
      String.raw`\b(?:montant|somme)\b.{0,20}\b(?:payé|dû|de la commande)\b`,
    ),
  }),
  topic({
    name: "password reset",
    subject: pattern(String.raw`\b(?:mot de passe|réinitialis\w*|lien)\b`),
    verbs: `${GIVEN}|réinitialisé|changé|modifié|adressé`,
    nouns: "lien|mot de passe|e-?mail",
    infinitives: "envoyer|réinitialiser|adresser",
    present: "envoie|envoyons|réinitialise|réinitialisons|adresse|adressons",
    futures: "enverrai|enverrons|réinitialiserons",
    generally: anyOf(GENERALLY, String.raw`\b(?:le|un) lien (?:est valable|fonctionne|expire)\b`),
  }),
  // "Will not be sent" states it in a way that no denial in the same clause takes back.
  topic({
    name: "cancellation",
    subject: pattern(String.raw`\bannulation\b`),
    itself: pattern(
      String.raw`\b(?:annul(?:é|ée|és|ées|er|ons|erai|erons|e)|stoppée?s?|bloquée?s?)\b`,
    ),
    verbs: `${GIVEN}|annulé|stoppé|bloqué`,
    nouns: "annulation",
    infinitives: "annuler|stopper|bloquer",
    present: "annule|annulons|stoppe|stoppons",
    futures: "annulerai|annulerons|annulera",
    outright: pattern(
      String.raw`\b(?:commande|colis)\b.{0,30}\bne (?:sera|partira)\b.{0,10}\b(?:pas|plus)\b`,
    ),
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of address",
    subject: pattern(
      String.raw`\b(?<!e-mail )adresse\b(?! (?:e-?mail|enregistrée|électronique|au dossier))`,
    ),
    aside: pattern(String.raw`\b(?:à|pour|avec|depuis|de|sous) (?:\w+ ){0,2}adresse\b`),
    itself: pattern(String.raw`\b(?:réexpédiée?s?|redirigée?s?|réacheminée?s?)\b`),
    verbs:
      "modifié|changé|corrigé|actualisé|mis à jour|mise à jour|remplacé|enregistré|redirigé|réacheminé|rectifié|pris en compte|prise en compte",
    nouns: "nouvelle adresse|changement d'adresse",
    infinitives: "modifier|changer|corriger|actualiser|mettre à jour|rediriger",
    present: "modifie|modifions|change|changeons|corrige|corrigeons|redirige|redirigeons",
    futures: "modifierai|modifierons|changerons|changerai|corrigerons",
    underway: pattern(
      String.raw`\b(?:je|nous) (?:modifi\w+|chang\w+|corrig\w+) (?:\w+ ){0,2}adresse\b|\bpart(?:ira)? (?:désormais|maintenant) (?:à|vers|au)\b`,
    ),
    generally: anyOf(GENERALLY, String.raw`\bpeut\b`),
  }),
  topic({
    name: "replacement",
    subject: pattern(
      String.raw`\b(?:remplacement|échange|nouve(?:l|au|aux|lle|lles) (?!adresse|mot|lien|compte|commande|e-mail)\w+)\b`,
    ),
    itself: pattern(String.raw`\b(?:remplacée?s?|échangée?s?|réexpédiée?s?|renvoyée? un)\b`),
    verbs: `${GIVEN}|remplacé|échangé|commandé|préparé|posté`,
    nouns: "(?:article |produit |colis )?(?:de )?remplacement|échange",
    infinitives: "envoyer|expédier|remplacer|échanger",
    present: "envoie|envoyons|expédie|expédions|remplace|remplaçons|échange|échangeons",
    futures: "enverrai|enverrons|expédierons|remplacerons|échangerons",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "compensation",
    subject: pattern(
      String.raw`\b(?:bon d'achat|bon de réduction|réduction|remise|code promo|geste commercial|dédommage\w*|chèque-cadeau|carte-cadeau|avoir de|points de fidélité)\b`,
    ),
    itself: pattern(String.raw`\b(?:dédommag\w+|indemnis\w+)\b`),
    verbs: `${GIVEN}|ajouté|offert|crédité|dédommagé|indemnisé|appliqué|déduit`,
    nouns: "bon d'achat|bon de réduction|réduction|remise|code promo|geste commercial",
    infinitives: "offrir|envoyer|ajouter|dédommager|indemniser|accorder|appliquer",
    present: "offre|offrons|envoie|envoyons|ajoute|ajoutons|accorde|accordons",
    futures: "offrirons|enverrons|ajouterons|accorderons|dédommagerons",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of the account",
    subject: pattern(String.raw`\b(?:compte|newsletter|abonnement|profil|lettre d'information)\b`),
    itself: pattern(String.raw`\b(?:désabonnée?s?|désinscrite?s?|désinscrit)\b`),
    verbs:
      "supprimé|fermé|clôturé|bloqué|débloqué|activé|désactivé|désabonné|désinscrit|résilié|fusionné|modifié|réactivé",
    nouns: "désinscription|résiliation",
    infinitives: "supprimer|fermer|clôturer|bloquer|débloquer|désabonner|désinscrire|résilier",
    present: "supprime|supprimons|ferme|fermons|débloque|débloquons",
    futures: "supprimerons|fermerons|débloquerons",
    generally: anyOf(GENERALLY, String.raw`\bvous pouvez\b`),
  }),
  // Every second sentence is about a delivery: only these verbs say that it was changed.
  topic({
    name: "change of the delivery",
    subject: ANYTHING,
    underway: NOTHING,
    verbs: "accéléré|priorisé|surclassé|reporté|reprogrammé|mise? en attente",
    nouns: "surclassement",
    infinitives: "accélérer|prioriser|reporter|avancer|reprogrammer",
    present: "accélère|accélérons|reporte|reportons",
    futures: "accélérerons|reporterons",
  }),
  topic({
    name: "longer term",
    subject: ANYTHING,
    underway: NOTHING,
    verbs: "prolongé|étendu|prorogé",
    nouns: "prolongation|extension",
    infinitives: "prolonger|étendre|offrir",
    present: "prolonge|prolongeons|offrons",
    futures: "prolongerons|étendrons",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "document",
    subject: pattern(
      String.raw`\b(?:facture|reçu|étiquette|bon de retour|copie|attestation|confirmation)\b`,
    ),
    verbs: "envoyé|joint|transmis|adressé|généré|créé|émis|expédié",
    nouns: "facture|étiquette(?: de retour)?|bon de retour|copie",
    infinitives: "envoyer|transmettre|adresser|joindre",
    present: "envoie|envoyons|transmets|transmettons|joins|joignons",
    futures: "enverrai|enverrons|transmettrons",
    generally: pattern(GENERALLY),
  }),
];
