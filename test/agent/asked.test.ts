import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asksFor } from "#text/customer-asked.ts";
import { allTools } from "#tools/index.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { TODAY } from "#test/support/fixtures/turns.ts";
import { processorClock } from "#test/support/processor-time.ts";

const WISHES = new Map(
  allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }).flatMap((tool) =>
    tool.kind === "write" && tool.wishes.length > 0 ? [[tool.operation, tool.wishes] as const] : [],
  ),
);

function asks(operation: string, words: string): boolean {
  const wishes = WISHES.get(operation);
  assert.ok(wishes && wishes.length > 0, operation);
  return asksFor(words, wishes);
}

const ASKED: Readonly<Record<string, readonly string[]>> = {
  refund: [
    "Please refund order 1002",
    "I want a refund for the order that never arrived",
    "It broke when I opened it and I'd like a refund",
    "I'd like a refund for my USB cable.",
    "The cable broke. I want my money back!",
    "Can I get a refund?",
    "It does not work and never did, refund me please",
    "It does not work please refund order 1002",
    "No, thanks, just a refund",
    "I don't want a replacement, I want a refund.",
    "Order no 1002: refund, please",
    "Could you reimburse me for order 1003?",
    "Give me the money for it back",
    "I expect you to return what I paid",
    "Bitte erstatten Sie mir Bestellung 1002.",
    "Ich möchte mein Geld zurück",
    "Ich hätte gern eine RÜCKERSTATTUNG",
    "Rueckerstattung bitte",
    "Ich will keinen Ersatz, sondern eine Erstattung",
    "Je voudrais être remboursé pour la commande 1002",
    "Remboursez-moi, s'il vous plaît",
    "Quiero un reembolso del pedido 1002",
    "Por favor, devuélvanme el dinero",
    "Vorrei un rimborso per l'ordine 1002",
    "Rivoglio i soldi indietro",
    "Ik wil graag mijn geld terug",
    "Graag een terugbetaling voor bestelling 1002",
    "Quero o reembolso da encomenda 1002",
    "Gostaria de ter o meu dinheiro de volta",
    "Proszę o zwrot pieniędzy za zamówienie 1002",
    "Poproszę zwrócić pieniądze",
  ],
  change_address: [
    "Please change the address of order 456 to 1 Hill Road",
    "Could you change\nthe shipping address?",
    "My address is wrong",
    "Ship it to 12 Hill Road instead",
    "Bitte ändern Sie die Lieferadresse",
    "Meine neue Anschrift ist Hauptstr. 5",
    "Liefern Sie es bitte an Hauptstr. 5",
    "Merci de changer l'adresse de livraison",
    "Voici ma nouvelle adresse",
    "Quiero cambiar la dirección de envío",
    "Mi nueva dirección es Calle Mayor 5",
    "Vorrei modificare l'indirizzo di spedizione",
    "Kunt u het bezorgadres wijzigen?",
    "Mijn nieuwe adres is Dorpsstraat 5",
    "Quero alterar o endereço de entrega",
    "Podem mudar a morada?",
    "Proszę zmienić adres dostawy",
    "Mój nowy adres to Lipowa 5",
  ],
  reset_password: [
    "I forgot my password",
    "How do I reset my password?",
    "I can't log in",
    "I’m unable to sign in to my account",
    "My password doesn't work",
    "I am locked out",
    "Ich habe mein Passwort vergessen",
    "Bitte setzen Sie mein Kennwort zurück",
    "Ich kann mich nicht anmelden",
    "J'ai oublié mon mot de passe",
    "Je n'arrive pas à me connecter",
    "He olvidado mi contraseña",
    "No puedo entrar en mi cuenta",
    "Ho dimenticato la password",
    "Non riesco ad accedere",
    "Ik ben mijn wachtwoord vergeten",
    "Ik kan niet inloggen",
    "Esqueci a minha senha",
    "Não consigo entrar na conta",
    "Zapomniałem hasła",
    "Nie mogę się zalogować",
  ],
  cancel_order: [
    "Please cancel order 456",
    "I'd like my order cancelled",
    "Can I get order 456 canceled before it ships?",
    "I would like to cancel it",
    "Bitte stornieren Sie Bestellung 456",
    "Können Sie das rückgängig machen?",
    "Je voudrais annuler ma commande",
    "Quiero cancelar el pedido 456",
    "Por favor, anulen mi pedido",
    "Vorrei annullare l'ordine",
    "Graag de bestelling annuleren",
    "Quero cancelar a encomenda",
    "Proszę anulować zamówienie",
  ],
  start_return: [
    "I want to return the headphones",
    "How can I send the laptop back?",
    "Please send me a return label",
    "I'd like to return order 789",
    "Ich möchte die Kopfhörer zurückschicken",
    "Ich schicke das Paket zurück, bitte ein Etikett",
    "Ich brauche ein Retourenetikett",
    "Je voudrais renvoyer les écouteurs",
    "Il me faut une étiquette de retour",
    "Quiero devolver los auriculares",
    "Vorrei restituire le cuffie",
    "Ik wil de koptelefoon terugsturen",
    "Quero uma devolução dos fones",
    "Chcę odesłać słuchawki",
  ],
  exchange_item: [
    "Could you exchange the lamp for a new one?",
    "I want the same one new.",
    "I want a replacement, mine is broken",
    "Please replace it",
    "Ich hätte gern einen Umtausch",
    "Bitte tauschen Sie das um, ich möchte es umtauschen",
    "Je voudrais échanger la lampe",
    "Quiero cambiar los auriculares por otros",
    "Vorrei una sostituzione",
    "Ik wil het graag omruilen",
    "Quero trocar o telefone",
    "Proszę o wymianę",
  ],
  resend_invoice: [
    "Please send me the invoice again",
    "I lost my receipt",
    "I need an invoice for order 123",
    "Bitte schicken Sie mir die Rechnung noch einmal",
    "Ich brauche eine Rechnung",
    "J'ai besoin de la facture",
    "¿Me pueden enviar la factura?",
    "Vorrei la fattura",
    "Ik heb de factuur nodig",
    "Preciso da fatura",
    "Proszę o fakturę",
  ],
};

const NOT_ASKED: Readonly<Record<string, readonly string[]>> = {
  refund: [
    "Where is my order 1002?",
    "I don't want a refund.",
    "I do not want any refund, just a new one",
    "I am not asking you for a refund",
    "No refund please",
    "A replacement rather than a refund",
    "A refund is not needed",
    "What is your refund policy?",
    "Your refund rules are unclear",
    "Where is my refund?",
    "My refund isn't showing in my account",
    "I am waiting for my refund",
    "There is a refund missing",
    "When will I get my money back?",
    "Could you tell me when I get my refund",
    "Please don't refund it",
    "Please never reimburse that",
    "Ich möchte keine Erstattung",
    "Ich will das Geld nicht zurück",
    "Bitte Ersatz statt einer Erstattung",
    "Eine Erstattung ist nicht nötig",
    "Je ne veux pas de remboursement",
    "Un échange au lieu d'un remboursement",
    "No quiero un reembolso",
    "Un cambio en lugar de un reembolso",
    "Non voglio un rimborso",
    "Ik wil geen terugbetaling",
    "Não quero um reembolso",
    "Uma troca em vez de um reembolso",
    "Nie chcę zwrotu pieniędzy",
    "The refundees' funds",
  ],
  change_address: ["Where is my order?", "I don't want to change the address", "Adresse stimmt"],
  cancel_order: [
    "Please don't cancel my order",
    "What is your cancellation policy?",
    "Why was my order cancelled?",
    "Ich möchte nicht stornieren",
    "Je ne veux pas annuler",
    "No quiero cancelar el pedido",
  ],
  start_return: [
    "I don't want to return it",
    "What is your return policy?",
    "Please return my money",
    "I will come back to you tomorrow",
    "Ich will es nicht zurückschicken",
  ],
  exchange_item: [
    "I don't want a replacement, I want a refund",
    "Please replace my address with 1 Hill Road",
    "Quiero cambiar la dirección",
    "Kein Umtausch, bitte",
  ],
  resend_invoice: ["Where is my order 123?", "I do not need an invoice", "The invoice is wrong"],
  reset_password: [
    "Please refund order 1002",
    "I did not forget my password",
    "Wo ist mein Paket?",
  ],
};

/** Wordings that no pattern was written from. */
const AMOUNTS_BACK: readonly string[] = [
  "I want my 4 dollars back",
  "could you give me $4 back",
  "4 bucks back",
  "Please send back 12.50 USD, the lamp was dented",
  "I'd like $7.90 of it back, please",
  "can i have €15 from order 789 back",
  "Just give me back the 6 quid",
  "Ich hätte gern 4 Euro zurück",
  "Bekomme ich die 12,50 € von der Bestellung bitte zurück",
  "20 Dollar zurück, dann ist es gut",
  "Pouvez-vous me rendre 4 euros ?",
  "J'aimerais récupérer mes 15 €",
  "Restituez-moi les 9,90 euros",
  "Quiero mis 4 dólares de vuelta",
  "¿Me pueden devolver los 12 euros?",
  "Devuélvanme $6",
];
const NO_AMOUNT_BACK: readonly string[] = [
  "I will send the 40 dollar lamp back",
  "I paid $4 back in May",
  "I don't want my 4 dollars back",
  "When do I get my 4 dollars back?",
  "Ich will die 4 Euro nicht zurück",
  "Je ne veux pas récupérer mes 15 €",
  "No quiero mis 4 dólares de vuelta",
  "Is the $40 backpack in stock?",
  "I come back with 3 questions about order 456",
];

describe("what a customer asks for", () => {
  test("an amount of money to come back is a wish by its form, in any wording", () => {
    assert.deepEqual(
      AMOUNTS_BACK.filter((words) => !asks("refund", words)),
      [],
    );
    assert.deepEqual(
      NO_AMOUNT_BACK.filter((words) => asks("refund", words)),
      [],
    );
  });

  for (const [operation, sentences] of Object.entries(ASKED))
    test(`${operation} is recognised in eight languages`, () => {
      assert.deepEqual(
        sentences.filter((words) => !asks(operation, words)),
        [],
      );
    });

  for (const [operation, sentences] of Object.entries(NOT_ASKED))
    test(`${operation} that is denied, only asked about or not meant is no request`, () => {
      assert.deepEqual(
        sentences.filter((words) => asks(operation, words)),
        [],
      );
    });

  test("every write tool says how it is asked for, except what needs no request", () => {
    const wished = [...WISHES].filter(([, wishes]) => wishes.length > 0).map(([name]) => name);
    assert.deepEqual(wished.toSorted(), Object.keys(ASKED).toSorted());
    const others = [...WISHES.keys()].filter((name) => !wished.includes(name));
    assert.deepEqual(
      others.filter((name) => name !== "send_code"),
      [],
    );
  });

  test("no text takes long to look through", () => {
    const long = [
      "refund ".repeat(30_000),
      "a".repeat(200_000),
      "not ".repeat(50_000),
      "where wachtwoordadres ".repeat(9_000),
      "change ".repeat(30_000),
    ];
    for (const text of long) {
      const tookMs = processorClock();
      for (const operation of WISHES.keys()) asks(operation, text.slice(0, 20_000));
      assert.ok(tookMs() < 1_500, text.slice(0, 20));
    }
  });
});
