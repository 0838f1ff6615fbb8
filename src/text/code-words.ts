/** What customers read about one-time codes, in the languages that have words around answers. */

/** The sentences of one language. They are the same for every address and every number, so that they disclose nothing. */
export interface CodeWords {
  /** After a code was asked for, whether or not there is such an account. */
  readonly sent: string;
  /** For a wrong code, a used one and one that is too old alike. */
  readonly refused: string;
  readonly offered: string;
  readonly addressWanted: string;
  /** The mail with the code: `{place}` is where it was asked for, `{time}` the time in UTC. */
  readonly subject: string;
  readonly greeting: string;
  readonly asked: string;
  /** With `{minutes}`. */
  readonly valid: string;
  readonly notYou: string;
  readonly places: Readonly<Record<"chat" | "slack" | "email" | "zendesk", string>>;
}

const ENGLISH: CodeWords = {
  sent: "If there is an account with this address, a six-digit code is on its way to it. Please write the code here.",
  refused: "The code is not right or no longer valid.",
  offered: "If you need a new code, just say so.",
  addressWanted:
    "If you tell me the e-mail address of your account, I can send a six-digit code to it.",
  subject: "Your one-time code",
  greeting: "Hello,",
  asked:
    "a person who wrote to us {place} asked for this at {time} UTC and gave your e-mail address. If it was you, enter this code there:",
  valid: "It is valid for {minutes} minutes, once, and only where it was asked for.",
  notYou:
    "If it was not you, ignore this mail: without the code that person learns nothing about your account. Do not pass the code on. We never ask for it by telephone.",
  places: {
    chat: "in our chat",
    slack: "in Slack",
    email: "by e-mail",
    zendesk: "by a support request",
  },
};

const GERMAN: CodeWords = {
  sent: "Wenn es zu dieser Adresse ein Konto gibt, ist ein sechsstelliger Code dorthin unterwegs. Bitte schreiben Sie den Code hierher.",
  refused: "Der Code stimmt nicht oder ist nicht mehr gültig.",
  offered: "Wenn Sie einen neuen Code brauchen, sagen Sie es einfach.",
  addressWanted:
    "Wenn Sie mir die E-Mail-Adresse Ihres Kontos nennen, kann ich einen sechsstelligen Code dorthin senden.",
  subject: "Ihr Einmalcode",
  greeting: "Guten Tag,",
  asked:
    "jemand, der uns {place} schreibt, hat um {time} UTC danach gefragt und Ihre E-Mail-Adresse angegeben. Wenn Sie das waren, geben Sie dort diesen Code ein:",
  valid: "Er gilt {minutes} Minuten, einmal, und nur dort, wo danach gefragt wurde.",
  notYou:
    "Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht: Ohne den Code erfährt niemand etwas über Ihr Konto. Geben Sie den Code niemandem. Wir fragen nie am Telefon danach.",
  places: {
    chat: "in unserem Chat",
    slack: "in Slack",
    email: "per E-Mail",
    zendesk: "über eine Anfrage",
  },
};

const FRENCH: CodeWords = {
  sent: "S'il existe un compte avec cette adresse, un code à six chiffres lui est envoyé. Veuillez écrire le code ici.",
  refused: "Le code n'est pas correct ou n'est plus valable.",
  offered: "Si vous avez besoin d'un nouveau code, dites-le simplement.",
  addressWanted:
    "Si vous m'indiquez l'adresse e-mail de votre compte, je peux y envoyer un code à six chiffres.",
  subject: "Votre code à usage unique",
  greeting: "Bonjour,",
  asked:
    "une personne qui nous écrit {place} l'a demandé à {time} UTC et a indiqué votre adresse e-mail. Si c'était vous, saisissez-y ce code :",
  valid: "Il est valable {minutes} minutes, une seule fois, et uniquement là où il a été demandé.",
  notYou:
    "Si ce n'était pas vous, ignorez cet e-mail : sans le code, personne n'apprend rien sur votre compte. Ne donnez le code à personne. Nous ne le demandons jamais par téléphone.",
  places: {
    chat: "dans notre chat",
    slack: "dans Slack",
    email: "par e-mail",
    zendesk: "par une demande d'assistance",
  },
};

const SPANISH: CodeWords = {
  sent: "Si existe una cuenta con esta dirección, un código de seis cifras va de camino a ella. Escriba el código aquí, por favor.",
  refused: "El código no es correcto o ya no es válido.",
  offered: "Si necesita un código nuevo, dígalo sin más.",
  addressWanted:
    "Si me dice la dirección de correo de su cuenta, puedo enviarle allí un código de seis cifras.",
  subject: "Su código de un solo uso",
  greeting: "Hola:",
  asked:
    "Alguien que nos escribe {place} lo ha pedido a las {time} UTC y ha indicado su dirección de correo. Si ha sido usted, escriba allí este código:",
  valid: "Vale durante {minutes} minutos, una sola vez y solo donde se pidió.",
  notYou:
    "Si no ha sido usted, no haga caso de este correo: sin el código nadie sabrá nada de su cuenta. No dé el código a nadie. Nunca lo pedimos por teléfono.",
  places: {
    chat: "en nuestro chat",
    slack: "en Slack",
    email: "por correo",
    zendesk: "con una solicitud de ayuda",
  },
};

const ITALIAN: CodeWords = {
  sent: "Se esiste un account con questo indirizzo, un codice di sei cifre è in arrivo. Scriva qui il codice, per favore.",
  refused: "Il codice non è corretto o non è più valido.",
  offered: "Se le serve un nuovo codice, basta dirlo.",
  addressWanted:
    "Se mi indica l'indirizzo e-mail del suo account, posso inviare lì un codice di sei cifre.",
  subject: "Il suo codice monouso",
  greeting: "Buongiorno,",
  asked:
    "una persona che ci scrive {place} lo ha chiesto alle {time} UTC e ha indicato il suo indirizzo e-mail. Se era lei, inserisca lì questo codice:",
  valid: "Vale {minutes} minuti, una volta sola e solo dove è stato chiesto.",
  notYou:
    "Se non era lei, ignori questa e-mail: senza il codice nessuno viene a sapere nulla del suo account. Non dia il codice a nessuno. Non lo chiediamo mai al telefono.",
  places: {
    chat: "nella nostra chat",
    slack: "su Slack",
    email: "per e-mail",
    zendesk: "con una richiesta di assistenza",
  },
};

const DUTCH: CodeWords = {
  sent: "Als er een account met dit adres is, is een code van zes cijfers daarheen onderweg. Schrijf de code hier, alstublieft.",
  refused: "De code klopt niet of is niet meer geldig.",
  offered: "Als u een nieuwe code nodig hebt, zegt u het maar.",
  addressWanted:
    "Als u mij het e-mailadres van uw account geeft, kan ik daar een code van zes cijfers naartoe sturen.",
  subject: "Uw eenmalige code",
  greeting: "Hallo,",
  asked:
    "iemand die ons {place} schrijft, heeft hier om {time} UTC om gevraagd en uw e-mailadres opgegeven. Als u dat was, voer dan daar deze code in:",
  valid: "De code is {minutes} minuten geldig, één keer, en alleen waar erom is gevraagd.",
  notYou:
    "Als u dat niet was, hoeft u niets te doen: zonder de code komt niemand iets over uw account te weten. Geef de code aan niemand. We vragen er nooit telefonisch om.",
  places: {
    chat: "in onze chat",
    slack: "in Slack",
    email: "per e-mail",
    zendesk: "met een hulpvraag",
  },
};

const PORTUGUESE: CodeWords = {
  sent: "Se existir uma conta com este endereço, um código de seis algarismos está a caminho. Escreva aqui o código, por favor.",
  refused: "O código não está certo ou já não é válido.",
  offered: "Se precisar de um novo código, basta dizer.",
  addressWanted:
    "Se me disser o endereço de e-mail da sua conta, posso enviar para lá um código de seis algarismos.",
  subject: "O seu código de utilização única",
  greeting: "Olá,",
  asked:
    "alguém que nos escreve {place} pediu-o às {time} UTC e indicou o seu endereço de e-mail. Se foi o próprio, introduza aí este código:",
  valid: "É válido durante {minutes} minutos, uma só vez e apenas onde foi pedido.",
  notYou:
    "Se não foi o próprio, ignore este e-mail: sem o código ninguém fica a saber nada sobre a sua conta. Não dê o código a ninguém. Nunca o pedimos por telefone.",
  places: {
    chat: "no nosso chat",
    slack: "no Slack",
    email: "por e-mail",
    zendesk: "com um pedido de ajuda",
  },
};

const POLISH: CodeWords = {
  sent: "Jeśli istnieje konto z tym adresem, sześciocyfrowy kod jest już w drodze. Proszę wpisać ten kod tutaj.",
  refused: "Kod jest nieprawidłowy lub już nieważny.",
  offered: "Jeśli potrzebny jest nowy kod, wystarczy napisać.",
  addressWanted: "Po podaniu adresu e-mail konta mogę wysłać na niego sześciocyfrowy kod.",
  subject: "Kod jednorazowy",
  greeting: "Dzień dobry,",
  asked:
    "osoba, która pisze do nas {place}, poprosiła o to o {time} UTC i podała ten adres e-mail. Jeśli to była Pani lub był Pan, proszę wpisać tam ten kod:",
  valid: "Jest ważny {minutes} minut, jeden raz i tylko tam, gdzie o niego poproszono.",
  notYou:
    "Jeśli nie, proszę zignorować tę wiadomość: bez kodu nikt nie dowie się niczego o tym koncie. Proszę nikomu nie podawać kodu. Nigdy nie pytamy o niego przez telefon.",
  places: {
    chat: "na naszym czacie",
    slack: "na Slacku",
    email: "e-mailem",
    zendesk: "przez zgłoszenie",
  },
};

const BY_LANGUAGE: ReadonlyMap<string, CodeWords> = new Map([
  ["en", ENGLISH],
  ["de", GERMAN],
  ["fr", FRENCH],
  ["es", SPANISH],
  ["it", ITALIAN],
  ["nl", DUTCH],
  ["pt", PORTUGUESE],
  ["pl", POLISH],
]);

/** The sentences of an answer; the mail with the code keeps the polite form. */
type FamiliarSentences = Pick<CodeWords, "sent" | "offered" | "addressWanted">;

/** What a writer reads where the brand says du, tu or je, by language; one that has no other form, or one form for both, is left out. */
const FAMILIAR: Readonly<Record<string, FamiliarSentences>> = {
  de: {
    sent: "Wenn es zu dieser Adresse ein Konto gibt, ist ein sechsstelliger Code dorthin unterwegs. Bitte schreib den Code hierher.",
    offered: "Wenn du einen neuen Code brauchst, sag es einfach.",
    addressWanted:
      "Wenn du mir die E-Mail-Adresse deines Kontos nennst, kann ich einen sechsstelligen Code dorthin senden.",
  },
  fr: {
    sent: "S'il existe un compte avec cette adresse, un code à six chiffres lui est envoyé. Écris le code ici, s'il te plaît.",
    offered: "Si tu as besoin d'un nouveau code, dis-le simplement.",
    addressWanted:
      "Si tu m'indiques l'adresse e-mail de ton compte, je peux y envoyer un code à six chiffres.",
  },
  es: {
    sent: "Si existe una cuenta con esta dirección, un código de seis cifras va de camino a ella. Escribe el código aquí, por favor.",
    offered: "Si necesitas un código nuevo, dilo sin más.",
    addressWanted:
      "Si me dices la dirección de correo de tu cuenta, puedo enviarte allí un código de seis cifras.",
  },
  it: {
    sent: "Se esiste un account con questo indirizzo, un codice di sei cifre è in arrivo. Scrivi qui il codice, per favore.",
    offered: "Se ti serve un nuovo codice, basta dirlo.",
    addressWanted:
      "Se mi indichi l'indirizzo e-mail del tuo account, posso inviare lì un codice di sei cifre.",
  },
  nl: {
    sent: "Als er een account met dit adres is, is er een code van zes cijfers naartoe onderweg. Schrijf de code hier, alsjeblieft.",
    offered: "Als je een nieuwe code nodig hebt, zeg het gewoon.",
    addressWanted:
      "Als je me het e-mailadres van je account geeft, kan ik er een code van zes cijfers naartoe sturen.",
  },
};

/** The sentences of all shipped languages, in every form. */
export const ALL_CODE_WORDS: readonly CodeWords[] = [...BY_LANGUAGE].flatMap(([code, words]) => {
  const familiar = FAMILIAR[code];
  return familiar === undefined ? [words] : [words, { ...words, ...familiar }];
});

const SAID: readonly string[] = ALL_CODE_WORDS.flatMap(
  ({ sent, refused, offered, addressWanted }) => [sent, refused, offered, addressWanted],
);

/** A text without the sentences about codes that are said word for word, in the customer's language. */
export function withoutCodeSentences(text: string): string {
  return SAID.reduce((rest, sentence) => rest.replaceAll(sentence, ""), text);
}

/** The text of a mail with a code. No link, no name from a message, nothing about the account. */
export function codeMailIn(
  words: CodeWords,
  code: {
    readonly digits: string;
    readonly channel: keyof CodeWords["places"];
    readonly askedAt: Date;
    readonly minutes: number;
  },
): string {
  const asked = words.asked
    .replace("{place}", words.places[code.channel])
    .replace("{time}", code.askedAt.toISOString().slice(11, 16));
  const valid = words.valid.replace("{minutes}", String(code.minutes));
  return [words.greeting, asked, code.digits, valid, words.notYou].join("\n\n");
}

/**
 * The sentences in a customer's language, familiar where the brand addresses customers so; English for a language
 * without them and for one that is not known.
 */
export function codeWordsIn(
  language: string | null,
  address: "formal" | "familiar" = "formal",
): CodeWords {
  const [base = "en"] = (language ?? "en").toLowerCase().split("-");
  const words = BY_LANGUAGE.get(base) ?? ENGLISH;
  const familiar = address === "familiar" ? FAMILIAR[base] : undefined;
  return familiar === undefined ? words : { ...words, ...familiar };
}
