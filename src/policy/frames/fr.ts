/** The words around answers in French. */
import type { LanguageFrame } from "./frame.ts";

export const FRENCH: LanguageFrame = {
  greeting: "Bonjour {name},",
  greetingWithoutName: "Bonjour,",
  closing: "Cordialement",
  automaticLine:
    "Ceci est une réponse automatique. Dites-le-nous si vous souhaitez parler à une personne.",
  handover:
    "Merci pour votre message. Je l'ai transmis à notre équipe, et une personne vous répondra.",
  unavailable:
    "Je ne peux pas vérifier cela pour le moment. Je vais réessayer, et une personne prendra le relais si cela ne fonctionne pas.",
  pending: "Un membre de notre équipe doit d'abord le confirmer. Vous trouverez la réponse ici.",
  paused: "Votre réponse prend plus de temps que d'habitude. Vous la trouverez ici.",
  answeredPrivately: "Je vous ai envoyé la réponse par message direct.",
  closed: "Nous sommes fermés pour le moment. Une personne lira votre message le {opening}.",
  holding:
    "Merci pour votre message. Il est maintenant entre les mains de notre équipe, et une personne vous répondra.",
  familiar: {
    automaticLine:
      "Ceci est une réponse automatique. Dis-le-nous si tu souhaites parler à une personne.",
    handover:
      "Merci pour ton message. Je l'ai transmis à notre équipe, et une personne te répondra.",
    pending: "Un membre de notre équipe doit d'abord le confirmer. Tu trouveras la réponse ici.",
    paused: "Ta réponse prend plus de temps que d'habitude. Tu la trouveras ici.",
    answeredPrivately: "Je t'ai envoyé la réponse par message direct.",
    closed: "Nous sommes fermés pour le moment. Une personne lira ton message le {opening}.",
    holding:
      "Merci pour ton message. Il est maintenant entre les mains de notre équipe, et une personne te répondra.",
  },
  greetings: ["bonjour", "bonsoir", "salut", "cher", "chère", "chers"],
  closings: [
    "cordialement",
    "bien cordialement",
    "bien à vous",
    "sincères salutations",
    "meilleures salutations",
    "salutations",
    "très cordialement",
  ],
};
