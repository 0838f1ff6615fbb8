/** What the sample shop's people answered in other languages than English: rightly, in words of our own. */
import type { Language, Matter } from "./questions.ts";

/** Right answers in other languages, for matters that are asked in them. */
export const TRANSLATED: Partial<
  Readonly<Record<Matter, Partial<Readonly<Record<Exclude<Language, "en">, string>>>>>
> = {
  small_refund: {
    de: "Das tut mir leid. Ich habe {amount} USD für Bestellung {order} erstattet.",
    fr: "Désolé. J'ai remboursé {amount} USD pour la commande {order}.",
    es: "Lo siento. He reembolsado {amount} USD por el pedido {order}.",
  },
  usual_refund: {
    de: "Das tut mir leid. Ich habe {amount} USD für Bestellung {order} erstattet.",
    fr: "Désolé. J'ai remboursé {amount} USD pour la commande {order}.",
  },
  late_refund: {
    de: "Bestellung {order} wurde vor mehr als 30 Tagen geliefert, eine Erstattung ist nicht mehr möglich.",
  },
  order_status: {
    de: "Ich habe nachgesehen: Bestellung {order} ist bei uns mit dem Stand {status} eingetragen.",
    fr: "J'ai regardé : la commande {order} est notée {status}.",
    es: "Lo he mirado: el pedido {order} figura como {status}.",
  },
  new_address: { de: "Bestellung {order} geht jetzt an {street}." },
  password: {
    de: "Ich habe einen Link an die hinterlegte Adresse geschickt. Er gilt 60 Minuten.",
    es: "He enviado un enlace a la dirección registrada. Sirve durante 60 minutos.",
  },
  invoice: { fr: "J'ai renvoyé la facture de la commande {order} à votre adresse enregistrée." },
  cancel: {
    de: "Bestellung {order} ist storniert, {amount} USD kommen innerhalb von 5 bis 7 Werktagen zurück.",
  },
  refund_policy: { de: "Innerhalb von 30 Tagen nach der Lieferung." },
  shipping_cost: {
    fr: "La livraison standard coûte 4.90 USD, et elle est gratuite dès 50.00 USD.",
  },
  warranty: { de: "2 Jahre ab dem Tag der Lieferung." },
};
