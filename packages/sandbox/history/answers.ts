/** What the sample shop's people answered and did: mostly rightly, sometimes wrongly, each with what is wrong about it. */
import type { Matter, Language } from "./questions.ts";

/** Why an answer of the history differs from what the shop's rules and pages say; null for a right one. */
export type Flaw =
  | "other_amount"
  | "other_order"
  | "declined"
  | "out_of_goodwill"
  | "wrong_fact"
  | "nothing_done";

/** What a teammate did in the shop. `amount` in minor units; null takes what the order cost. */
interface AnsweredAction {
  readonly operation:
    | "refund"
    | "change_address"
    | "reset_password"
    | "cancel_order"
    | "start_return"
    | "resend_invoice";
  readonly amountMinor?: number | null;
}

/** One way a matter was answered. The text's gaps are those of the questions, and `{due}` and `{other}`. */
export interface Answered {
  readonly flaw: Flaw | null;
  /** Of a hundred answers about the matter in this language, about so many. */
  readonly share: number;
  readonly texts: readonly string[];
  readonly actions: readonly AnsweredAction[];
}

const REFUND: AnsweredAction = { operation: "refund", amountMinor: null };

/** By matter, in English. */
export const ANSWERS: Readonly<Record<Matter, readonly Answered[]>> = {
  small_refund: [
    {
      flaw: null,
      share: 64,
      texts: [
        "I am sorry about that. I have refunded {amount} USD for order {order}. You do not need to send anything back.",
        "That should not happen. {amount} USD are on their way back to you for order {order}.",
        "Sorry for the trouble with the {item}. I refunded {amount} USD; it takes 5 to 7 business days.",
      ],
      actions: [REFUND],
    },
    {
      flaw: "other_amount",
      share: 10,
      texts: ["I have refunded 5.00 USD for order {order}. I hope that helps."],
      actions: [{ operation: "refund", amountMinor: 500 }],
    },
    {
      flaw: "declined",
      share: 16,
      texts: [
        "Your photo shows that the {item} was in water, so I cannot refund order {order}.",
        "We refunded this {item} once before, so this time I cannot refund order {order}.",
      ],
      actions: [],
    },
    {
      flaw: "other_order",
      share: 10,
      texts: ["I have refunded {amount} USD for order {other}. Have a nice day."],
      actions: [REFUND],
    },
  ],
  usual_refund: [
    {
      flaw: null,
      share: 80,
      texts: [
        "I am sorry that the {item} let you down. I have refunded {amount} USD for order {order}.",
        "Done: {amount} USD for order {order} go back to the card you paid with, within 5 to 7 business days.",
      ],
      actions: [REFUND],
    },
    {
      flaw: "other_amount",
      share: 12,
      texts: [
        "I have refunded 100.00 USD for order {order}, since you used the {item} for some days.",
      ],
      actions: [{ operation: "refund", amountMinor: 10_000 }],
    },
    {
      flaw: "nothing_done",
      share: 8,
      texts: ["Please switch the {item} off and on again and tell us whether that helps."],
      actions: [],
    },
  ],
  partial_refund: [
    {
      flaw: null,
      share: 75,
      texts: [
        "That is fair. I have refunded 15.00 USD for order {order}, and you keep the {item}.",
      ],
      actions: [{ operation: "refund", amountMinor: 1_500 }],
    },
    {
      flaw: "other_amount",
      share: 25,
      texts: [
        "I have refunded 10.00 USD for order {order}, which is what we give for such a fault.",
      ],
      actions: [{ operation: "refund", amountMinor: 1_000 }],
    },
  ],
  late_refund: [
    {
      flaw: null,
      share: 80,
      texts: [
        "I am sorry, order {order} was delivered more than 30 days ago, so a refund is not possible any more.",
        "Refunds are possible within 30 days after delivery. Order {order} was delivered longer ago.",
      ],
      actions: [],
    },
    {
      flaw: "out_of_goodwill",
      share: 20,
      texts: [
        "The 30 days are over, but I made an exception and refunded {amount} USD for order {order}.",
      ],
      actions: [REFUND],
    },
  ],
  order_status: [
    {
      flaw: null,
      share: 88,
      texts: [
        "Order {order} ({item}) is {status}.{due}",
        "I looked it up: order {order} is {status}.{due}",
      ],
      actions: [],
    },
    {
      flaw: "wrong_fact",
      share: 12,
      texts: ["Order {order} was delivered yesterday. Please ask your neighbours."],
      actions: [],
    },
  ],
  new_address: [
    {
      flaw: null,
      share: 85,
      texts: [
        "I have changed the address of order {order} to {street}.",
        "Done. Order {order} now goes to {street}.",
      ],
      actions: [{ operation: "change_address" }],
    },
    {
      flaw: "nothing_done",
      share: 15,
      texts: ["The address of order {order} cannot be changed any more."],
      actions: [],
    },
  ],
  late_address: [
    {
      flaw: null,
      share: 100,
      texts: [
        "I am sorry, order {order} has left the warehouse, so its address cannot be changed any more.",
      ],
      actions: [],
    },
  ],
  password: [
    {
      flaw: null,
      share: 100,
      texts: [
        "I have sent a link to the e-mail address on file. It works for 60 minutes.",
        "A link to choose a new password is on its way to your address on file.",
      ],
      actions: [{ operation: "reset_password" }],
    },
  ],
  invoice: [
    {
      flaw: null,
      share: 100,
      texts: ["I have sent the invoice of order {order} again to your address on file."],
      actions: [{ operation: "resend_invoice" }],
    },
  ],
  cancel: [
    {
      flaw: null,
      share: 85,
      texts: [
        "Order {order} is cancelled, and {amount} USD go back to you within 5 to 7 business days.",
      ],
      actions: [{ operation: "cancel_order", amountMinor: null }],
    },
    {
      flaw: "wrong_fact",
      share: 15,
      texts: ["Order {order} has left the warehouse already, so I cannot cancel it."],
      actions: [],
    },
  ],
  return: [
    {
      flaw: null,
      share: 80,
      texts: ["Of course. I have sent a return label for order {order} to your address on file."],
      actions: [{ operation: "start_return" }],
    },
    {
      flaw: "other_amount",
      share: 20,
      texts: ["No need to send it back: I have refunded {amount} USD for order {order}."],
      actions: [REFUND],
    },
  ],
  refund_policy: [
    {
      flaw: null,
      share: 80,
      texts: [
        "You can ask for a refund within 30 days after delivery.",
        "Within 30 days after delivery. The money is back within 5 to 7 business days.",
      ],
      actions: [],
    },
    {
      flaw: "wrong_fact",
      share: 20,
      texts: ["You can ask for a refund within 14 days after delivery."],
      actions: [],
    },
  ],
  shipping_cost: [
    {
      flaw: null,
      share: 85,
      texts: [
        "Standard delivery costs 4.90 USD and is free from 50.00 USD. Express costs 12.90 USD and takes 1 to 2 business days.",
      ],
      actions: [],
    },
    {
      flaw: "wrong_fact",
      share: 15,
      texts: ["Standard delivery costs 5.90 USD, and express 9.90 USD."],
      actions: [],
    },
  ],
  warranty: [
    {
      flaw: null,
      share: 80,
      texts: [
        "All our products have a warranty of 2 years from the day of delivery; batteries are covered for 1 year.",
      ],
      actions: [],
    },
    { flaw: "wrong_fact", share: 20, texts: ["The warranty is 3 years."], actions: [] },
  ],
  opening_hours: [
    {
      flaw: null,
      share: 100,
      texts: ["The pick-up counter is open from Monday to Saturday from 9:00 to 18:00."],
      actions: [],
    },
  ],
  wants_person: [
    {
      flaw: null,
      share: 100,
      texts: ["Of course. My colleague Dana looks after this now. What can she do for you?"],
      actions: [],
    },
  ],
  legal_threat: [
    {
      flaw: null,
      share: 100,
      texts: [
        "I have read your message and passed it to our management, who will answer you in writing.",
      ],
      actions: [],
    },
  ],
};

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
