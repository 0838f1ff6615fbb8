/**
 * How customers ask for what the write tools propose, in English, German, French, Spanish, Italian, Dutch, Portuguese
 * and Polish. Matched clause by clause against normalised text (lower case, no accents); "do not want" is handled
 * elsewhere. The patterns are generous about grammar and strict about the subject: a missed request costs a teammate
 * one check, a false match would let third-party text act in a customer's name.
 */

/** Beginnings of a question about a refund: its rules, or its status. "It broke when I opened it" is not one. */
const QUESTION =
  "(?:^|\\b(?:tell me|know|wondering|and|so) )(?:where|when|whether|how long|what is|what's|did you|have you|wo|wann|wie lange|quand|ou est|donde|cuando|dove|quando|waar|wanneer|onde|gdzie|kiedy)";
/** Words before "refund" when the text means the rules for refunds, or a refund already made. */
const ABOUT_IT =
  "status of|awaiting|waiting (?:on|for)|requested an?|asked for|missing my|there is an?|there's an?|politi\\w* d[ei]|richtlinie\\w*";
/** Words after "refund" when the text means the rules for refunds. */
const RULES_OF_IT =
  "polic(?:y|ies)|rules?|terms|conditions|periods?|windows?|status|process(?:es)?|procedures?|requests?";

/** Words after "refund" when the text means a refund already made. */
const MADE_ALREADY = "showing|show up|shown|appear\\w*|on my statement";

/** A phrase that asks for something by itself, unless it only asks about the rules for it or when it comes. */
export function request(words: string): RegExp {
  return unlessAsked(`\\b(?:${words})\\b`);
}

/** The same for a pattern that may begin or end with a sign of money. */
export function unlessAsked(pattern: string): RegExp {
  return new RegExp(
    `(?<!(?:${QUESTION}|\\b(?:${ABOUT_IT}))\\b.{0,60})(?:${pattern})(?! (?:${RULES_OF_IT})\\b)(?!.{0,50}\\b(?:${MADE_ALREADY})\\b)`,
  );
}

/** Two phrases close together, in either order. */
export function near(one: string, other: string): readonly RegExp[] {
  return [
    new RegExp(`\\b(?:${one})\\w*\\b.{0,60}?\\b(?:${other})`),
    new RegExp(`\\b(?:${other})\\w*\\b.{0,60}?\\b(?:${one})`),
  ];
}

/** Requests for a refund of an order. */
export const REFUND_REQUESTS: readonly RegExp[] = [
  request(
    "refund(?:s|ed|ing)?|reimburs\\w*|money\\b.{0,20}\\bback\\b|pay me back|(?:return|give|get|want)\\b.{0,30}\\b(?:what i (?:have )?paid|my money)",
  ),
  request(
    "(?:ruck|rueck)?erstatt\\w*|geld\\b(?:(?!nicht).){0,30}\\bzur(?:u|ue)ck\\w*|zur(?:u|ue)ck(?:zahl|uberweis|ueberweis)\\w*|r(?:u|ue)ckzahlung\\w*",
  ),
  request("rembours\\w*|(?:rendre|rendez|recuperer)\\b.{0,20}\\bargent"),
  request("reembols\\w*|devolu\\w*|(?:devolv|devuelv)\\w*\\b.{0,30}\\bdinero|reintegr\\w*"),
  request("rimbors\\w*|soldi indietro|(?:restitu|ridar|ridat)\\w*\\b.{0,20}\\b(?:soldi|denaro)"),
  request("terugbeta\\w*|terugstort\\w*|geld\\b(?:(?!niet).){0,20}\\bterug\\b|restitutie"),
  request("dinheiro de volta|estorn\\w*|(?:devolv)\\w*\\b.{0,30}\\bdinheiro"),
  request("zwrot\\w*|zwroc\\w*|zwracac\\w*|(?:oddaj|oddac)\\w*\\b.{0,20}\\bpieniadze"),
];

/** Requests for another shipping address. */
export const ADDRESS_REQUESTS: readonly RegExp[] = [
  ...near("chang|updat|correct|edit|replac|switch|amend|modif|new|different|wrong", "address"),
  /\b(?:ship|send|deliver|redirect|reroute|forward)\w*\b.{0,60}?\bto\b/,
  ...near("(?:um)?(?:ander|aender)|korrig|aktualis|neu|falsch", "\\w*(?:adress|anschrift)"),
  /\b(?:liefer|send|schick)\w*\b.{0,60}?\b(?:an|nach)\b/,
  ...near("chang|modifi|corrig|nouvel|autre", "adresse"),
  /\b(?:livr|envoy|expedi)\w*\b.{0,60}?\b(?:a|au|chez)\b/,
  ...near("cambi|modific|actualiz|corrig|correg|nueva|otra", "direccion"),
  /\b(?:envi|entreg|mand)\w*\b.{0,60}?\ba\b/,
  ...near("cambi|modific|aggiorn|corregg|nuovo|altro", "indirizzo"),
  /\b(?:sped|consegn|invi)\w*\b.{0,60}?\b(?:a|in)\b/,
  ...near("wijzig|verander|aanpas|nieuw|ander", "\\w*adres"),
  /\b(?:stuur|verzend|lever|bezorg)\w*\b.{0,60}?\bnaar\b/,
  ...near("mud|alter|troc|atualiz|corrig|nov[ao]|outr[ao]", "endereco|morada"),
  ...near("zmien|zmian|popraw|aktualiz|now[ye]|inn[yae]", "adres"),
  /\b(?:wysl|wysyl|dostarcz)\w*\b.{0,60}?\bna\b/,
];

/** Requests to get back into the account. */
export const RESET_REQUESTS: readonly RegExp[] = [
  ...near(
    "reset|forgot|forget|lost|new|chang|remember|wrong|not work|\\w+n't work|recover",
    "password|passcode",
  ),
  /\b(?:can't|cannot|can not|cant|unable to|not able to|couldn't)\b.{0,20}\b(?:log|sign)\s?(?:in|on)/,
  /\block(?:ed)? out\b/,
  ...near("zur(?:u|ue)ck|vergess|neu|ander|aender|geht|funktioniert", "passwort|kennwort"),
  /\b(?:einlogg|anmeld|einwahl)\w*\b.{0,20}\b(?:nicht|unmoglich|unmoeglich)|\bnicht\b.{0,30}\b(?:einlogg|anmeld)/,
  ...near("oubli|reinitialis|perdu|nouveau|chang", "mots? de passe"),
  /\b(?:n'\w+ |ne \w+ )?(?:pas|plus|impossible)\b.{0,20}\bme connecter/,
  ...near("olvid|restablec|recuper|cambi|nueva|resete", "contrasena|clave"),
  /\bno puedo\b.{0,20}\b(?:iniciar|entrar|acceder)/,
  ...near("dimentic|reimpost|recuper|cambi|nuova|persa|smarrit", "password"),
  /\bnon riesco\b.{0,20}\b(?:acced|entrar|connett|login)/,
  ...near("vergeten|reset|herstel|nieuw|wijzig|kwijt", "wachtwoord"),
  /\bniet\b.{0,20}\binlog|\binlog\w*\b.{0,20}\bniet\b/,
  ...near("esquec|redefin|recuper|mudar|trocar|nova|perdi", "senha|palavra-passe"),
  /\bnao consigo\b.{0,20}\b(?:entrar|aceder|acessar|login)/,
  ...near("zapomn|reset|zmien|odzysk|nowe", "hasl[oa]"),
  /\bnie mog[ea]\b.{0,20}\bzalogowac/,
];
