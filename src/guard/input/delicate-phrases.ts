/** The phrases by which delicate topics are recognised: those in which a draft would do harm. */
import type { DelicateTopic } from "#core/contracts/guard.ts";

/** The phrases of one language by topic, in the form of `phrase-matcher.ts`. */
export type DelicateSteps = Readonly<Partial<Record<DelicateTopic, readonly string[]>>>;

/**
 * Phrases by which a message is known to need a person, by language and topic; the Romance languages, Polish and Turkish
 * have theirs in `delicate-phrases-other.ts`. Each phrase should hardly ever be written for another reason: "sue" alone
 * is also a name, "lawyer" alone also a profession. People also write ä, ö and ü as two letters, so the usual forms of
 * that stand beside them. An operator adds own phrases under `delicate.extra_words` in the policy.
 */
export const DELICATE_PHRASES: Readonly<Record<"en" | "de" | "nl" | "sv" | "da", DelicateSteps>> = {
  en: {
    // A person may be about to harm themselves.
    self_harm: [
      "kill|killing|harm|harming|hang|hanging myself",
      "hurt|hurting|cut|cutting myself ~3 purpose|again|anymore|tonight",
      "want|going|will|i'll|gonna ~2 hurt|cut myself",
      "!squad suicide|suicidal !squad|girls|prevention",
      "end|take|ending|taking my own life",
      "end|ending my life",
      "!i'd want|wanna ~1 to ~1 die",
      "wanna die",
      "want|wants ~1 to be dead",
      "not|don't|no|dont ~3 want|wish|reason ~1 to ~1 live !in|with|near|at|without",
      "better off dead",
      "overdose ~2 pills|tablets|medication",
    ],
    // Violence against people or places.
    threat: [
      "will|i'll|gonna|going|want|we'll ~2 kill|murder|stab|shoot|strangle you|him|her|them|somebody|someone|everyone|everybody|your",
      "will|i'll|gonna|going|we'll ~2 hurt|beat|attack|punch you|him|her|them|someone|everyone|your !business|sales|reputation|rating",
      "will|i'll|gonna|going ~2 burn|bomb|blow ~4 office|building|warehouse|store|shop|house|place",
      "bomb ~3 office|building|warehouse|store|shop",
      "!not|don't know where you live|work",
      "come|coming ~5 with ~2 gun|knife|weapon|axe|bat",
      "death threat|threats",
      "you ~1 will|are|gonna ~1 regret|die|dead !not|battery|zone",
    ],
    // A person was hurt, or could have been, by a product.
    injury: [
      "!no|not injured|injury|injuries !reserve",
      "burned|burnt|burns|scalded ~1 me|myself|him|her|his|my|our !toast|food|dinner|disc|cd|dvd|a",
      "cut my finger|fingers|hand|hands|arm|leg|foot|face|lip",
      "cut|hurt myself ~3 on|with|when|while",
      "hurt my finger|fingers|hand|hands|arm|leg|foot|face|back|eye|eyes|head|child|son|daughter|baby",
      "went|taken|rushed|ended|admitted ~3 hospital|er",
      "in ~1 hospital ~4 because|after|from",
      "emergency room",
      "electric shock|shocks",
      "electrocuted",
      "!cease caught|catches|catching|on fire !tv|stick|tablet|hd|sale",
      "exploded|explodes|exploding",
      "allergic reaction",
      "choked|choking ~3 on|part|parts",
      "poisoned|poisoning",
      "bleeding ~3 from|badly|heavily|hand|finger",
    ],
    // The customer threatens or starts legal steps.
    legal: [
      "sue|suing you|ourshop|amazon",
      "will|i'll|we'll|shall|gonna|going|could|should|may|might|must ~2 sue !to",
      "will|i'll|we'll|shall|am|i'm|are|we're suing",
      "take|taking|see|seeing you ~1 to|in court",
      "legal action|proceedings|steps|consequences",
      "small claims",
      "lawsuit|lawsuits",
      "class action",
      "cease and desist",
      "my|our lawyer|lawyers|attorney|attorneys|solicitor|solicitors ~1 will|is|are|has|have|says|said|advised|contacted|sends",
      "contact|contacting|call|calling|hire|hiring|consult|consulting|involve|involving|instruct|instructed|from|with|to ~2 my|a|our|an lawyer|lawyers|attorney|attorneys|solicitor|solicitors !friend",
      "hear|hearing from ~1 my|our lawyer|lawyers|attorney|solicitor",
      "report|reporting|complain|complaining|complaint ~4 ombudsman|regulator|ftc|bbb|police",
      "trading standards",
      "consumer protection",
      "subpoena|litigation|lawsuits",
    ],
    // Journalists, who are answered by people only.
    press: [
      "i am|i'm ~1 a|an ~3 journalist|reporter|editor|correspondent",
      "i'm ~1 a|an ~3 journalist|reporter|correspondent",
      "i am ~1 journalist|reporter|correspondent",
      "press|media inquiry|enquiry|inquiries|enquiries|request|office|contact|statement|department",
      "writing|preparing|publishing|working ~2 article|story|piece|report ~2 about|on ~3 you|your|ourshop",
      "request|requesting|asking|deadline ~2 for|a ~1 comment|statement",
      "going|go to the press|media|newspapers|papers",
      "contact|contacting|tell|telling|inform ~1 the press|media|newspapers",
    ],
    // The customer's bank takes the money back.
    chargeback: [
      "chargeback|chargebacks",
      "!you|please|will|can charge back",
      "dispute|disputing|disputed|reverse|reversing ~3 charge|payment|transaction ~5 bank|card|paypal|visa|mastercard|amex",
      "bank|paypal|visa|mastercard|amex ~4 dispute|reverse ~3 charge|payment|transaction",
      "open|opened|opening|file|filed|filing ~2 dispute|claim ~3 bank|paypal|card|visa|mastercard|amex",
    ],
    // An intruder may be in the account.
    hacked_account: [
      "account|profile|login|email|mailbox ~3 hacked|compromised|hijacked|stolen|breached",
      "hacked|hijacked|broke|logged ~2 into ~1 my account|profile|email|mailbox",
      "hacked|hijacked|stole|stolen my account|profile|login|identity",
      "someone|somebody|stranger ~2 else ~4 my account",
      "someone|somebody|stranger|hacker ~3 accessed|using|used|entered|changed ~2 my account|password|login|card",
      "unauthorised|unauthorized ~1 login|access|order|purchase|orders|purchases|transaction|charge",
      "i|we ~1 not|never|didn't ~2 place|placed|make|made this|that|these|any order|orders|purchase",
      "identity theft",
    ],
    // Rights under GDPR, CCPA and the like, which have their own deadlines and forms.
    data_request: [
      "!mr|mrs gdpr|dsgvo|ccpa|dsar|sar",
      "right to be forgotten",
      "delete|erase|remove|wipe|destroy ~3 my|our ~1 data|information|details|records !from|plan|cable|card",
      "delete|erase|close ~2 my account ~4 data|information|everything",
      "delete|erase my ~1 account|profile",
      "copy|export|overview|download ~2 all|my|of ~3 personal|my|the ~1 data|information -cable|plan|usb",
      "what|which ~2 data|information ~2 you ~1 hold|store|keep|have|stored ~2 about|on me|us",
      "data subject|protection ~1 request|officer|access|authority",
      "subject access request",
      "withdraw|revoke ~2 consent",
    ],
    // Insults against the team.
    abuse: [
      "fuck|screw you|off|u|yourself|yourselves",
      "you|you're|u ~4 idiots|idiot|morons|moron|scum|bastards|bastard|assholes|asshole|cunt|cunts|imbeciles|retards|retard|crooks|thieves",
      "you|you're ~3 piece|pieces of shit",
      "go to hell",
      "son of a bitch",
      "stupid|dumb|fucking bitch|cow|idiots|idiot|morons|moron|assholes",
      "motherfucker|motherfuckers",
      "kill yourself|yourselves",
    ],
  },
  de: {
    self_harm: [
      "bringe|bring mich ~2 um",
      "mich ~1 umbringen",
      "will|möchte|moechte ~2 sterben",
      "will|möchte|kann nicht mehr leben",
      "mir ~1 das leben nehmen",
      "selbstmord|suizid",
    ],
    threat: [
      "bringe|bring dich|euch ~1 um",
      "dich|euch ~1 umbringen|töten|toeten",
      "weiß|weiss wo du|ihr wohnst|wohnt",
    ],
    injury: [
      "mir|mich|sich ~4 verbrannt|verbrüht|verbrueht|verletzt|geschnitten",
      "explodiert",
      "stromschlag",
      "bin|war|musste|kam ~3 krankenhaus|notaufnahme",
      "feuer gefangen",
      "in brand geraten|gesetzt",
    ],
    legal: [
      "mein|meine|meinem|meinen|meiner|unser|unserem|unseren|einen|zum anwalt|anwältin|rechtsanwalt|rechtsanwältin",
      "rechtliche|juristische schritte",
      "verklage|verklagen",
      "anzeige erstatten",
      "erstatte ~1 anzeige",
      "strafanzeige",
      "vor gericht",
      "verbraucherzentrale",
    ],
    hacked_account: ["konto|account|kundenkonto ~3 gehackt|gekapert", "wurde gehackt"],
    data_request: [
      "meine|meiner ~2 daten ~3 löschen|gelöscht|loeschen|löschung",
      "löschen|löscht|loeschen ~3 meine|mein ~2 daten|konto|kundenkonto|account",
      "mein konto|kundenkonto|account ~1 löschen|loeschen",
      "auskunft ~4 daten",
    ],
    press: ["bin ~1 journalist|journalistin|redakteur|redakteurin|reporterin", "presseanfrage"],
  },
  nl: {
    self_harm: ["wil ~1 dood|sterven", "zelfmoord", "wil niet meer leven", "mezelf ~1 doden"],
    threat: [
      "vermoord|vermoorden je|jullie",
      "je|jullie vermoorden",
      "weet waar je|jullie woont|wonen",
    ],
    injury: [
      "me|mijn ~2 verbrand|gesneden|verwond",
      "ontploft|geëxplodeerd|geexplodeerd",
      "in|naar het ziekenhuis",
      "vlam gevat",
      "in brand gevlogen",
    ],
    legal: [
      "mijn|onze|een advocaat",
      "juridische stappen",
      "rechtszaak",
      "naar de rechter",
      "aangifte ~2 politie",
      "doe|doen aangifte",
    ],
    hacked_account: ["account ~3 gehackt"],
    data_request: [
      "verwijder|verwijderen|wis|wissen ~1 mijn|al gegevens|account",
      "mijn gegevens|account ~1 verwijderen|verwijderd|wissen",
    ],
    press: ["ben ~1 journalist|journaliste|verslaggever"],
  },
  sv: {
    self_harm: ["vill ~1 dö", "ta livet av mig", "ta mitt ~1 liv", "självmord", "vill inte leva"],
    threat: ["ska döda|mörda dig|er", "vet var du|ni bor"],
    injury: [
      "brände|skar|skadade mig|handen|fingret",
      "bränt|skurit|skadat mig|handen|fingret",
      "exploderade|exploderat",
      "på|till akuten|sjukhus|sjukhuset",
      "började|börjat brinna",
    ],
    legal: [
      "min|vår|en advokat",
      "rättsliga åtgärder",
      "stämma|stämmer er",
      "polisanmäla|polisanmälan|polisanmäler",
      "domstol|tingsrätten",
    ],
    hacked_account: ["konto ~3 hackat|kapat|hackats", "hackat mitt konto"],
    data_request: [
      "radera ~1 mina uppgifter|personuppgifter|data",
      "radera|ta mitt|bort konto",
      "ta bort mina uppgifter|personuppgifter",
    ],
    press: ["är journalist|reporter"],
  },
  da: {
    self_harm: ["vil ~1 dø", "tage mit ~1 liv", "tage livet af mig", "selvmord", "vil ikke leve"],
    threat: ["slår|slå dig|jer ihjel", "ved hvor du|i bor"],
    injury: [
      "brændte|skar mig|hånden|fingeren",
      "brændt|skåret mig|hånden|fingeren",
      "eksploderede|eksploderet",
      "på|til skadestuen|hospitalet",
      "i brand",
    ],
    legal: [
      "min|vores|en advokat",
      "retslige|juridiske skridt",
      "sagsøge|sagsøger",
      "politianmelde|politianmelder|politianmeldelse",
    ],
    hacked_account: ["konto ~3 hacket"],
    data_request: [
      "slet|slette ~1 mine oplysninger|personoplysninger|data",
      "slet|slette min konto",
    ],
    press: ["er journalist"],
  },
};

/** The most urgent first: a message about two topics counts as the first. */
export const DELICATE_ORDER: readonly Exclude<DelicateTopic, "vip">[] = [
  "self_harm",
  "threat",
  "injury",
  "hacked_account",
  "legal",
  "chargeback",
  "data_request",
  "press",
  "abuse",
];
