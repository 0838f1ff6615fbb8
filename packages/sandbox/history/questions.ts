/** What customers wrote, in words of our own: several ways to ask for each matter, in the languages of the shop. */

/** A language of the sample history, by its code of two letters. */
export type Language = "en" | "de" | "fr" | "es";

/** A matter that customers write about. */
export type Matter =
  | "small_refund"
  | "usual_refund"
  | "partial_refund"
  | "late_refund"
  | "order_status"
  | "new_address"
  | "late_address"
  | "password"
  | "invoice"
  | "cancel"
  | "return"
  | "refund_policy"
  | "shipping_cost"
  | "warranty"
  | "opening_hours"
  | "wants_person"
  | "legal_threat";

/** Subject and text; `{order}`, `{item}`, `{amount}` and `{street}` are filled in. */
type Question = readonly [subject: string, text: string];

/** By matter and language. A matter that lacks a language is asked in English. */
export const QUESTIONS: Readonly<
  Record<Matter, Partial<Readonly<Record<Language, readonly Question[]>>>>
> = {
  small_refund: {
    en: [
      [
        "Broken {item}",
        "The {item} from order {order} stopped working on the second day. I would like a refund, please.",
      ],
      [
        "Refund for order {order}",
        "Please refund order {order}. The {item} does not fit my device.",
      ],
      [
        "{item} arrived cracked",
        "My {item} came cracked. Order {order}. Can you give me my money back?",
      ],
      [
        "Money back",
        "I want my money back for the {item}, order {order}. It fell apart within days.",
      ],
      ["Order {order}", "Can you please refund the {item} of order {order}? There is a cut in it."],
    ],
    de: [
      [
        "Kaputt: Bestellung {order}",
        "Das Produkt aus Bestellung {order} ist kaputt. Bitte erstatten Sie mir den Betrag.",
      ],
      ["Geld zurück", "Ich möchte für Bestellung {order} mein Geld zurück, es passt nicht."],
    ],
    fr: [
      [
        "Remboursement {order}",
        "L'article de la commande {order} est cassé. Je voudrais un remboursement.",
      ],
    ],
    es: [
      [
        "Reembolso {order}",
        "El artículo del pedido {order} llegó roto. Quiero un reembolso, por favor.",
      ],
    ],
  },
  usual_refund: {
    en: [
      [
        "Refund for my {item}",
        "The {item} of order {order} crackles on the left side. I would like a refund for it.",
      ],
      [
        "Not happy with the {item}",
        "I am not happy with the {item}, order {order}. Please refund it in full.",
      ],
      [
        "Refund {order}",
        "Please refund order {order}, {amount} USD. One side of the {item} is silent.",
      ],
      [
        "Faulty {item}",
        "Order {order}: the {item} switches itself off all the time. Can I get my money back?",
      ],
    ],
    de: [
      [
        "Rückerstattung {order}",
        "Bei Bestellung {order} ist eine Seite stumm. Ich hätte gern mein Geld zurück.",
      ],
    ],
    fr: [["Commande {order}", "Un côté ne marche plus, commande {order}. Merci de me rembourser."]],
  },
  partial_refund: {
    en: [
      [
        "Scratch on the {item}",
        "There is a scratch on the {item} from order {order}. Could you refund 15 USD and I keep it?",
      ],
      [
        "Part refund for {order}",
        "The case of the {item} was missing, order {order}. Please refund 15 USD for it.",
      ],
      ["Small fault", "I keep the {item} of order {order}, but please refund 15 USD for the dent."],
    ],
  },
  late_refund: {
    en: [
      ["Return the {item}?", "I never used the {item} from order {order}. Please refund it."],
      [
        "Refund for order {order}",
        "I would like a refund for order {order}. The zip of the {item} is stiff.",
      ],
      [
        "{item} not needed",
        "I do not need the {item} any more, order {order}. Can I have my money back?",
      ],
    ],
    de: [
      [
        "Erstattung {order}",
        "Ich brauche Bestellung {order} nicht mehr und möchte mein Geld zurück.",
      ],
    ],
  },
  order_status: {
    en: [
      ["Where is my {item}?", "Where is order {order}? I expected the {item} by now."],
      ["Order {order}", "What is the status of order {order}, please?"],
      ["Still waiting", "I am still waiting for my {item}, order {order}. When will it arrive?"],
      ["Delivery of {order}", "Has order {order} been shipped yet? I am away from Friday."],
      ["Any news?", "Is there any news about order {order}? The {item} is a present."],
    ],
    de: [
      ["Wo ist meine Bestellung?", "Wo ist Bestellung {order}? Ich warte noch darauf."],
      ["Lieferung {order}", "Wann kommt Bestellung {order} an?"],
    ],
    fr: [["Où est mon colis ?", "Où est la commande {order} ? Je l'attends toujours."]],
    es: [["¿Dónde está mi pedido?", "¿Dónde está el pedido {order}? Todavía no ha llegado."]],
  },
  new_address: {
    en: [
      [
        "New address for {order}",
        "I have moved. Please change the address of order {order} to {street}.",
      ],
      ["Wrong street", "The street is wrong on order {order}. Please send it to {street}."],
      ["Address", "Please change the shipping address of order {order} to {street}. Thank you."],
    ],
    de: [["Neue Adresse", "Bitte ändern Sie die Adresse von Bestellung {order} auf {street}."]],
  },
  late_address: {
    en: [
      ["Change of address", "Please send order {order} to {street} instead, I am not at home."],
      ["Order {order} to my office", "Please change the address of order {order} to {street}."],
    ],
  },
  password: {
    en: [
      ["Cannot sign in", "I cannot log in any more. Can you reset my password?"],
      ["Password", "I forgot my password. Please send me a link."],
      ["Locked out", "I am locked out of my account since this morning."],
    ],
    de: [
      [
        "Passwort vergessen",
        "Ich habe mein Passwort vergessen. Bitte schicken Sie mir einen Link.",
      ],
    ],
    es: [["Contraseña", "He olvidado mi contraseña. ¿Me envían un enlace?"]],
  },
  invoice: {
    en: [
      [
        "Invoice for {order}",
        "Could you send me the invoice of order {order} again? I need it for my taxes.",
      ],
      ["Receipt", "I cannot find the receipt for the {item}, order {order}. Please send it again."],
    ],
    fr: [["Facture", "Pourriez-vous renvoyer la facture de la commande {order} ?"]],
  },
  cancel: {
    en: [
      ["Cancel order {order}", "Please cancel order {order}. I found the {item} in a shop here."],
      [
        "Changed my mind",
        "I changed my mind about the {item}. Please cancel order {order} before it leaves.",
      ],
    ],
    de: [["Stornieren", "Bitte stornieren Sie Bestellung {order}."]],
  },
  return: {
    en: [
      [
        "Return of order {order}",
        "I would like to send the {item} back, order {order}. What do I have to do?",
      ],
      [
        "Send it back",
        "The {item} of order {order} is too big for me. Please send me a return label.",
      ],
    ],
  },
  refund_policy: {
    en: [
      ["Question about refunds", "Until when can I ask for a refund?"],
      ["Refund rules", "How long do I have to get my money back if I do not like something?"],
      ["Before I order", "How many days after delivery is a refund possible?"],
    ],
    de: [["Frage zur Rückgabe", "Wie lange kann ich nach der Lieferung mein Geld zurückbekommen?"]],
  },
  shipping_cost: {
    en: [
      ["Shipping", "How much is standard delivery, and when is it free?"],
      ["Delivery cost", "What does shipping cost for an order of 30 USD?"],
      ["Express", "How much does express delivery cost and how long does it take?"],
    ],
    fr: [["Livraison", "Combien coûte la livraison standard ?"]],
  },
  warranty: {
    en: [
      ["Warranty", "How long is the warranty on your products?"],
      ["Guarantee", "Does the warranty cover a battery that no longer charges, and for how long?"],
    ],
    de: [["Garantie", "Wie lange gilt die Garantie?"]],
  },
  opening_hours: {
    en: [
      ["Opening hours", "When is the pick-up counter open?"],
      ["Saturday", "Are you open on Saturday for pick-up?"],
    ],
  },
  wants_person: {
    en: [
      ["Please call me", "I want to talk to a real person about order {order}."],
      ["No bots please", "I would like to speak to a human about my {item}."],
    ],
  },
  legal_threat: {
    en: [
      [
        "Last warning",
        "If the matter of order {order} is not settled by Friday, my lawyer will write to you.",
      ],
      ["Complaint", "I will take you to court over order {order}. This is the last time I write."],
    ],
  },
};

/** How customers begin; most do not. */
export const OPENINGS: Readonly<Record<Language, readonly string[]>> = {
  en: ["", "", "Hi,", "Hello,", "Good morning,", "Dear team,"],
  de: ["", "Hallo,", "Guten Tag,"],
  fr: ["", "Bonjour,"],
  es: ["", "Hola:", "Buenos días:"],
};

/** How customers end, before their name. */
export const CLOSINGS: Readonly<Record<Language, readonly string[]>> = {
  en: ["", "Thanks", "Thank you", "Best wishes", "Regards"],
  de: ["", "Danke", "Viele Grüße"],
  fr: ["", "Merci", "Cordialement"],
  es: ["", "Gracias", "Un saludo"],
};
