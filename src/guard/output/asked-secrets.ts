/**
 * Finds where a draft asks the customer for what the shop never needs: a password, a PIN, a code of their bank, the
 * number or check digits of a card, or control of their computer. A closed rule: no page, tool or teammate backs it, so
 * that who gets a false instruction into a page or a model gets no secret of a customer.
 */
import { pattern, spelled } from "#guard/languages/spelling.ts";
import { deniesSomething } from "#guard/languages/sentence-words.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { phrasePieces, sentencePieces } from "./sentences.ts";

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
/** "Don't hesitate to send it" denies nothing. */
const INVITES = /\b(?:do not|don't) (?:hesitate|worry)|n'hésitez pas|no dude|zögern sie nicht/giu;

/** The stretches of a draft that ask for a secret. Our own sentences about one-time codes ask for our own code. */
export function askedSecretsIn(draft: string): readonly string[] {
  const text = withoutCodeSentences(draft);
  const plain = spelled(text);
  if (!NAMES_SECRET.test(plain) && !CONTROL.test(plain)) return [];
  return sentencePieces(text).flatMap((sentence) => {
    const phrases = phrasePieces(sentence.text).filter(
      (phrase) => !deniesSomething(phrase.text.replaceAll(INVITES, " ")),
    );
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
