/** How customers write about their order in French. */
import type { CaseWords } from "#guard/languages/case-words.ts";

export const FRENCH_CASE: CaseWords = {
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
  asking:
    /^\W*(?:(?:et|mais|bonjour) )*(?:est-ce|est-il|est-elle|a-t-il|a-t-elle|avez-vous|pouvez-vous|puis-je|quand|ou|que|quoi|quel\w*|qui|comment|combien)\b/,
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
  newAddress:
    /\b(?:changer|modifier|corriger|mauvaise|nouvelle|autre|ancienne|erreur dans l'|changement d')\b.{0,30}\badresse\b|\badresse\b.{0,30}\b(?:a change|erronee|fausse|incorrecte|n'est plus|est mauvaise)\b|(?:\bj'ai demenage|\bnous avons demenage)\b/,
};
