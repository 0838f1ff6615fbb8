/**
 * Finds what a draft must not say, whatever backs it: data of third parties, words of internal notes, forbidden phrases, a
 * request for a customer's secrets, another language than theirs.
 */
import type { Receipts } from "#core/contracts/guard.ts";
import { foldedForms, allMatches } from "#text/normalize.ts";
import { spelled, pattern } from "#text/spelling.ts";
import { literally } from "#core/values/words.ts";
import { deniesSomething } from "#guard/languages/sentence-words.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { phrasePieces, sentencePieces } from "./sentences.ts";
import { isOutside, detectedLanguage } from "#guard/languages/detect.ts";
import { quotedFrom } from "./passage-quotes.ts";

/** "bob (at) elsewhere dot test" is an address to any reader. */
const DISGUISED =
  /[A-Za-z0-9._%+-]{1,64}\s?[([{]\s?(?:at|@|arroba)\s?[)\]}]\s?[A-Za-z0-9-]{1,63}(?:\s?(?:\.|[([{]\s?(?:dot|\.|punkt|point|punto)\s?[)\]}]|\sdot\s)\s?[A-Za-z0-9-]{2,63}){1,4}/gi;

const AT_IN_BRACKETS = /[([{]\s?(?:at|@|arroba)\s?[)\]}]/i;

/** The salutation of a letter: "Hello Ann,", "Liebe Frau Marsh,". */
const GREETING =
  /^\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|bonjour|bonsoir|salut|chers?|chère|hola|buenos días|buenas tardes|estimad[oa]s?|querid[oa]s?)[ ,]+((?:(?:mrs?|ms|dr|prof|sra?)\. )?[\p{L}'-]{1,40}(?: [\p{L}'-]{1,40}){0,3})[,!.:\n]/iu;
const NOT_A_NAME =
  /^(?:there|all|team|everyone|sir|madam|customer|again|and|or|mr|mrs|ms|dr|prof|herr|frau|damen|herren|kunde|kundin|monsieur|madame|mme|client|cliente|señora?|sra?|tous|todos|alle|zusammen|und|et|y)\.?$/i;
/** How customers say who they are. */
const INTRODUCED =
  /(?:this is|i am|i'm|my name is|name:|regards,?|cheers,?|thanks,?|thank you,?|yours,?|best,?|ich bin|mein name ist|ich heiße|grüße,?|gruß,?|je suis|je m'appelle|cordialement,?|soy|me llamo|saludos,?)\s+((?:\p{L}[\p{L}'-]*\s?){1,3})/giu;
/** Letters are signed at their end. */
const SIGNATURE_LINES = 3;

/** Third-party data in a draft: the phrase, and what is wrong with it. */
export function thirdPartyDataIn(
  text: string,
  receipts: Receipts,
): readonly { readonly words: string; readonly reason: string }[] {
  const disguised = AT_IN_BRACKETS.test(text) ? (text.match(DISGUISED) ?? []) : [];
  return [
    ...disguised.map((words) => ({ words, reason: "this is an e-mail address in disguise" })),
    ...greetedStrangers(text, receipts),
  ];
}

function greetedStrangers(text: string, receipts: Receipts) {
  const greeted = GREETING.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  // "Hallo in den Betrieb!" greets nobody by name.
  if (!/^\p{Lu}/u.test(greeted[0] ?? "")) return [];
  const own = ownNames(receipts);
  return greeted
    .filter((name) => /^\p{Lu}/u.test(name) && !NOT_A_NAME.test(name))
    .filter((name) => !own.has(name.toLowerCase()))
    .map((words) => ({ words, reason: "the requester has another name" }));
}

/** The requester's names, each word of them, in lower case. */
export function ownNames({ requester, asked }: Receipts): ReadonlySet<string> {
  return new Set(
    `${requester.name ?? ""} ${namesGiven(asked)}`.toLowerCase().match(/[\p{L}'-]+/gu) ?? [],
  );
}

/** The names writers give as their own; a person they only write about is not greeted by the reply. */
function namesGiven(asked: string): string {
  const introduced = allMatches(asked, INTRODUCED).map(([, name = ""]) => name);
  const lines = asked.trim().split("\n");
  const signed = lines.length > 1 ? lines.slice(-SIGNATURE_LINES) : [];
  return [...introduced, ...signed].join(" ");
}

// Quotations of the team's internal notes.

/** This many words in a note's order are a quotation; a shorter note is quoted when the whole of it stands there. */
const RUN_WORDS = 6;
const RUN_WORDS_MIN = 4;
const NOTES_MAX = 50;
const WORDS_PER_NOTE_MAX = 2_000;
const CHARACTERS_PER_NOTE_MAX = 20_000;

/** What a text quotes from the team's notes, each run once, unless the customer or a help page said the same. */
export function notesIn(
  text: string,
  { teamNotes = [], asked, passages }: Pick<Receipts, "teamNotes" | "asked" | "passages">,
): readonly string[] {
  if (teamNotes.length === 0) return [];
  const words = wordRuns(text);
  const said = new Set(
    [RUN_WORDS_MIN, RUN_WORDS - 1, RUN_WORDS].flatMap((length) => joinedRuns(words, length)),
  );
  // What the customer wrote or a help page says is not secret.
  const open = [asked, ...passages.map((passage) => passage.text)].map(
    (source) => ` ${wordRuns(source).join(" ")} `,
  );
  return teamNotes.slice(-NOTES_MAX).flatMap((note) => {
    const noted = wordRuns(note.slice(0, CHARACTERS_PER_NOTE_MAX)).slice(0, WORDS_PER_NOTE_MAX);
    const length = Math.min(RUN_WORDS, noted.length);
    if (length < RUN_WORDS_MIN) return [];
    const quoted = joinedRuns(noted, length).find(
      (run) => said.has(run) && !open.some((source) => source.includes(` ${run} `)),
    );
    return quoted === undefined ? [] : [quoted];
  });
}

function joinedRuns(words: readonly string[], length: number): readonly string[] {
  return words
    .slice(0, Math.max(0, words.length - length + 1))
    .map((_word, start) => words.slice(start, start + length).join(" "));
}

function wordRuns(text: string): readonly string[] {
  return (
    foldedForms(text)
      .text.toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

// Phrases that must never go out.

/**
 * The forbidden phrases a text contains, as they stand there. Case, line ends and the kind of apostrophe make no
 * difference; a phrase matches whole words, so "sure" is not found in "measure".
 */
export function forbiddenIn(text: string, forbidden: readonly string[]): readonly string[] {
  const plain = spelled(text);
  return forbidden.flatMap((phrase) => {
    const found = phrasePattern(phrase)?.exec(plain);
    return found === null || found === undefined
      ? []
      : [text.slice(found.index, found.index + found[0].length)];
  });
}

function phrasePattern(phrase: string): RegExp | null {
  const parts = spelled(phrase.normalize("NFKC")).trim().split(/\s+/).map(literally);
  return parts.join("") === "" ? null : new RegExp(`(?<!\\w)${parts.join("\\s+")}(?!\\w)`);
}

// What the shop never needs of a customer.

const anyWord = (...languages: readonly string[]): string =>
  String.raw`(?<!\w)(?:${languages.join("|")})(?!\w)`;

/** English, German, French and Spanish, as everywhere below. */
const SECRET = anyWord(
  String.raw`passwords?|passphrases?|pass ?codes?|pin (?:code|number)|your (?:pin|tan|otp)|(?:card|credit card|debit card) (?:number|details)|cv[cv]2?|security code|(?:three|four|3|4)[- ]digit (?:code|number) (?:on|from)|(?:bank|sms|text message|authenticator)(?:'s)? (?:code|pin|tan)|code (?:from|of|by|in) (?:your|the) (?:bank|sms|text message|authenticator)|code (?:that )?your bank|(?:log-?in|sign-in|banking) (?:details|credentials)`,
  String.raw`\w*passw(?:o|ö)rt\w*|kennwort\w*|(?:ihren?|deinen?|die|eine) (?:pin|tan)|(?:kredit|debit|bank|ec-)?karten(?:nummer|daten)|kreditkarten(?:nummer|daten)|prüf(?:ziffer|nummer)|sicherheitscode|zugangsdaten|anmeldedaten|sms-code|code (?:ihrer|deiner|der) bank`,
  String.raw`mots? de passe|code (?:pin|secret|confidentiel|de sécurité|sms|de (?:votre|ta) banque|reçu de (?:votre|ta) banque)|cryptogramme|numéro (?:complet )?de (?:votre |la |ta )?carte(?! cadeau| de fidélité)|identifiants (?:de connexion|bancaires)`,
  String.raw`contraseñas?|código (?:pin|de seguridad|sms|de (?:su|tu) banco)|clave (?:de acceso|secreta)|número (?:completo )?de (?:su |la |tu )?tarjeta(?! (?:de )?regalo)`,
);

/** What has such a word and is no secret: the reset of a password, the last digits of a card, a gift card. */
const HARMLESS = pattern(
  anyWord(
    String.raw`(?:reset|resetting|change|changing|forgot|forgotten|set) (?:your |the |a |my )?(?:new )?password|a new password|password (?:reset|link|page)|(?:gift|loyalty) card (?:number|details)|last (?:four|4)(?: \w+){0,4} card(?: number)?`,
    String.raw`(?:ein neues|neues) passwort|passwort(?:-link|-seite)|passwort (?:zurücksetzen|zurückzusetzen|ändern|zu ändern|vergessen)|(?:geschenk|gutschein)kartennummer|letzten (?:vier|4)(?: \w+){0,4} (?:karten|kreditkarten)nummer`,
    String.raw`(?:réinitialis\w+|chang\w+|oubli\w+) (?:votre |le |ton )?mot de passe|un nouveau mot de passe|(?:quatre|4) derniers(?: \w+){0,5} carte`,
    String.raw`(?:restablec\w+|cambi\w+|olvid\w+) (?:su |la |tu )?contraseña|una nueva contraseña|últim[oa]s (?:cuatro|4)(?: \w+){0,5} tarjeta`,
  ),
  "g",
);

/** What asks for an answer to us: "send me", "we need", "what is". What we send ourselves asks for nothing. */
const ASKS = pattern(
  anyWord(
    String.raw`(?:reply|replying|answer|respond|write back|get back)[^.!?]{0,40} with`,
    String.raw`(?<!(?:i|we|i'll|we'll|i can|we can|i will|we will) )(?:send|give|tell|share|provide|supply|forward|text|e-?mail|read out|state|quote|include|let)(?: (?:me|us))?(?: with| know| have)? (?:your|the|its|both|all|that|this|also)`,
    String.raw`(?:enter|type|write|put|post|confirm)[^.!?]{0,60} (?:here|below|with us|to us|in (?:this|the) (?:chat|thread|conversation|e-?mail|message)|in your (?:reply|answer))`,
    String.raw`please confirm|(?:i|we)(?:'ll| will| would| still| also| just)? (?:need|require)|what(?:'s| is| are)|(?:could|can|may) (?:i|we)(?: please)? (?:have|get|ask for)`,
    String.raw`(?:send|schick|geb|gib|nenn|sag|schreib|mail|teil|übermitt|bestätig|verrat)\w*[^.!?]{0,20} (?:mir|uns)|(?:mir|uns)[^.!?]{0,60} (?:senden|schicken|geben|nennen|sagen|schreiben|mitteilen|verraten|bestätigen)`,
    String.raw`antwort\w*[^.!?]{0,40} mit|(?:brauch|benötig)en? (?:wir|ich)|(?:wir|ich) (?:brauch|benötig)en?|wie (?:lautet|ist)`,
    String.raw`(?:envoy|donn|indiqu|communiqu|confirm|transmett|écriv|dit|fourniss)\w*[ -](?:moi|nous)|(?:nous|me) (?:envoyer|donner|indiquer|communiquer|confirmer|transmettre|écrire|dire|fournir)`,
    String.raw`répond\w*[^.!?]{0,40} avec|(?:nous avons|j'ai) besoin|il (?:nous|me) faut|quel(?:le)? est`,
    String.raw`(?:env|mánd|mand|d|ind|facil|comp|proporc|conf|escr)\w{0,9}(?:nos|me)|(?:nos|me) (?:env|mand|da|indi|facilit|compart|proporcion|confirm|escrib|dice)\w*`,
    String.raw`(?:respond|contest)\w*[^.!?]{0,40} con|necesit(?:o|amos)|cuál es`,
  ),
);

/** Programs and words of control from afar: to be asked to take part is enough. */
const CONTROL = pattern(
  anyWord(
    String.raw`anydesk|teamviewer|rustdesk|ultraviewer|quick assist|(?:remote(?:ly)? (?:access|control|connect)|control|connect remotely)(?: (?:of|to|over|your|the)){1,2} (?:computer|pc|laptop|screen|phone|device)|share your screen`,
    String.raw`fernzugriff|fernwartung|bildschirm (?:mit uns )?(?:teilen|freigeben)`,
    String.raw`(?:accès|contrôle|prise en main) à distance|acceso remoto|control remoto de (?:su|tu) (?:ordenador|computadora|pc)`,
  ),
);

const NAMES_SECRET = pattern(SECRET);
/** "…, your password and the code": the rest of a list of what is asked for. */
const LISTED = pattern(
  String.raw`^\W*(?:(?:and|or|und|oder|et|ou|y|o) )?(?:(?:your|the|ihre?n?|deine?n?|das|die|den|votre|le|la|su|tu) )?${SECRET}`,
);
/** The stretches of a draft that ask for a secret. Our own sentences about one-time codes ask for our own code. */
export function askedSecretsIn(draft: string): readonly string[] {
  const text = withoutCodeSentences(draft);
  const plain = spelled(text);
  if (!NAMES_SECRET.test(plain) && !CONTROL.test(plain)) return [];
  return sentencePieces(text).flatMap((sentence) => {
    const phrases = phrasePieces(sentence.text).filter((phrase) => !deniesSomething(phrase.text));
    const listed = phrases.findLastIndex(({ plain: one }) => LISTED.test(withoutHarmless(one)));
    const found = phrases.find(
      ({ plain: one }, at) =>
        CONTROL.test(one) ||
        (ASKS.test(one) && (at < listed || NAMES_SECRET.test(withoutHarmless(one)))),
    );
    return found === undefined ? [] : [found.text.trim()];
  });
}

function withoutHarmless(plain: string): string {
  return plain.replaceAll(HARMLESS, " ");
}

// Sentences in another language than the customer's.

/** Sentences are checked one by one; a reply shows its language early. */
const SENTENCES_MAX = 40;
/** A shorter sentence may be a title or a name. */
const WORDS_MIN = 8;
/** Languages so similar that one is easily taken for another. */
const ALIKE: readonly ReadonlySet<string>[] = [
  new Set(["da", "no", "nb", "nn", "sv"]),
  new Set(["es", "pt", "gl", "ca"]),
  new Set(["cs", "sk"]),
  new Set(["hr", "sr", "bs", "sl"]),
  new Set(["id", "ms"]),
  new Set(["ru", "uk", "be", "bg"]),
];
const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/**
 * The first sentence in another language than the customer's, with what to do about it; null when the reply is in
 * theirs, or either language is uncertain.
 */
export function otherLanguage(
  sentences: readonly string[],
  { language, passages }: Receipts,
): { readonly words: string; readonly reason: string; readonly remedy: string } | null {
  if (language === null) return null;
  const isQuoted = quotedFrom(passages);
  const alike = ALIKE.filter((set) => set.has(language)).flatMap((set) => [...set]);
  const allowed = new Set([language, ...alike]);
  const isOther = (text: string): boolean => isOutside(text, allowed);
  const own = sentences.slice(0, SENTENCES_MAX).filter((sentence) => !isQuoted({ text: sentence }));
  const long = own.find(
    (sentence) => (sentence.match(/\p{L}+/gu)?.length ?? 0) >= WORDS_MIN && isOther(sentence),
  );
  const words = long ?? (isOther(own.join(" ")) ? (own.find(isOther) ?? own[0]) : undefined);
  if (words === undefined) return null;
  const name = languageName(language);
  const found = detectedLanguage(words) ?? detectedLanguage(own.join(" "));
  const draft = found === null ? "in another language" : languageName(found);
  return {
    words,
    reason: `the customer writes ${name}, the draft is ${draft}`,
    remedy: `write in ${name}`,
  };
}

/** The English name of a language; a code without a name stays a code. */
export function languageName(language: string): string {
  return NAMES.of(language) ?? language;
}
