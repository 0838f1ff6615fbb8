/** The phrases by which delicate topics are recognised. */
import type { DelicateTopic } from "#core/contracts/guard.ts";
import type { Phrase } from "#text/phrase-matcher.ts";

/**
 * Phrases by which a message is known to need a person, by topic. English only; the other languages
 * that are read have theirs in files beside this one. A step in a phrase is a word or a
 * choice (`sue|suing`); `~2` allows up to two other words in between. Each phrase should hardly ever be written for
 * another reason: "sue" alone is also a name, "lawyer" alone also a profession. An operator adds own phrases under
 * `delicate.extra_words` in the policy.
 */
export const DELICATE_PHRASES: Readonly<Record<Exclude<DelicateTopic, "vip">, readonly Phrase[]>> =
  {
    // A person may be about to harm themselves.
    self_harm: [
      { steps: "kill|killing|harm|harming|hang|hanging myself" },
      { steps: "hurt|hurting|cut|cutting myself ~3 purpose|again|anymore|tonight" },
      { steps: "want|going|will|i'll|gonna ~2 hurt|cut myself" },
      { steps: "suicide|suicidal", notBefore: "squad|girls|prevention", notAfter: "squad" },
      { steps: "end|take|ending|taking my own life" },
      { steps: "end|ending my life" },
      { steps: "want|wanna ~1 to ~1 die", notAfter: "i'd" },
      { steps: "wanna die" },
      { steps: "want|wants ~1 to be dead" },
      {
        steps: "not|don't|no|dont ~3 want|wish|reason ~1 to ~1 live",
        notBefore: "in|with|near|at|without",
      },
      { steps: "better off dead" },
      { steps: "overdose ~2 pills|tablets|medication" },
    ],
    // Violence against people or places.
    threat: [
      {
        steps:
          "will|i'll|gonna|going|want|we'll ~2 kill|murder|stab|shoot|strangle you|him|her|them|somebody|someone|everyone|everybody|your",
      },
      {
        steps:
          "will|i'll|gonna|going|we'll ~2 hurt|beat|attack|punch you|him|her|them|someone|everyone|your",
        notBefore: "business|sales|reputation|rating",
      },
      {
        steps:
          "will|i'll|gonna|going ~2 burn|bomb|blow ~4 office|building|warehouse|store|shop|house|place",
      },
      { steps: "bomb ~3 office|building|warehouse|store|shop" },
      { steps: "know where you live|work", notAfter: "not|don't" },
      { steps: "come|coming ~5 with ~2 gun|knife|weapon|axe|bat" },
      { steps: "death threat|threats" },
      { steps: "you ~1 will|are|gonna ~1 regret|die|dead", notBefore: "not|battery|zone" },
    ],
    // A person was hurt, or could have been, by a product.
    injury: [
      { steps: "injured|injury|injuries", notBefore: "reserve", notAfter: "no|not" },
      {
        steps: "burned|burnt|burns|scalded ~1 me|myself|him|her|his|my|our",
        notBefore: "toast|food|dinner|disc|cd|dvd|a",
      },
      { steps: "cut my finger|fingers|hand|hands|arm|leg|foot|face|lip" },
      { steps: "cut|hurt myself ~3 on|with|when|while" },
      {
        steps:
          "hurt my finger|fingers|hand|hands|arm|leg|foot|face|back|eye|eyes|head|child|son|daughter|baby",
      },
      { steps: "went|taken|rushed|ended|admitted ~3 hospital|er" },
      { steps: "in ~1 hospital ~4 because|after|from" },
      { steps: "emergency room" },
      { steps: "electric shock|shocks" },
      { steps: "electrocuted" },
      {
        steps: "caught|catches|catching|on fire",
        notAfter: "cease",
        notBefore: "tv|stick|tablet|hd|sale",
      },
      { steps: "exploded|explodes|exploding" },
      { steps: "allergic reaction" },
      { steps: "choked|choking ~3 on|part|parts" },
      { steps: "poisoned|poisoning" },
      { steps: "bleeding ~3 from|badly|heavily|hand|finger" },
    ],
    // The customer threatens or starts legal steps.
    legal: [
      { steps: "sue|suing you|ourshop|amazon" },
      {
        steps: "will|i'll|we'll|shall|gonna|going|could|should|may|might|must ~2 sue",
        notBefore: "to",
      },
      { steps: "will|i'll|we'll|shall|am|i'm|are|we're suing" },
      { steps: "take|taking|see|seeing you ~1 to|in court" },
      { steps: "legal action|proceedings|steps|consequences" },
      { steps: "small claims" },
      { steps: "lawsuit|lawsuits" },
      { steps: "class action" },
      { steps: "cease and desist" },
      {
        steps:
          "my|our lawyer|lawyers|attorney|attorneys|solicitor|solicitors ~1 will|is|are|has|have|says|said|advised|contacted|sends",
      },
      {
        steps:
          "contact|contacting|call|calling|hire|hiring|consult|consulting|involve|involving|instruct|instructed|from|with|to ~2 my|a|our|an lawyer|lawyers|attorney|attorneys|solicitor|solicitors",
        notBefore: "friend",
      },
      { steps: "hear|hearing from ~1 my|our lawyer|lawyers|attorney|solicitor" },
      {
        steps:
          "report|reporting|complain|complaining|complaint ~4 ombudsman|regulator|ftc|bbb|police",
      },
      { steps: "trading standards" },
      { steps: "consumer protection" },
      { steps: "subpoena|litigation|lawsuits" },
    ],
    // Journalists, who are answered by people only.
    press: [
      { steps: "i am|i'm ~1 a|an ~3 journalist|reporter|editor|correspondent" },
      { steps: "i'm ~1 a|an ~3 journalist|reporter|correspondent" },
      { steps: "i am ~1 journalist|reporter|correspondent" },
      {
        steps:
          "press|media inquiry|enquiry|inquiries|enquiries|request|office|contact|statement|department",
      },
      {
        steps:
          "writing|preparing|publishing|working ~2 article|story|piece|report ~2 about|on ~3 you|your|ourshop",
      },
      { steps: "request|requesting|asking|deadline ~2 for|a ~1 comment|statement" },
      { steps: "going|go to the press|media|newspapers|papers" },
      { steps: "contact|contacting|tell|telling|inform ~1 the press|media|newspapers" },
    ],
    // The customer's bank takes the money back.
    chargeback: [
      { steps: "chargeback|chargebacks" },
      { steps: "charge back", notAfter: "you|please|will|can" },
      {
        steps:
          "dispute|disputing|disputed|reverse|reversing ~3 charge|payment|transaction ~5 bank|card|paypal|visa|mastercard|amex",
      },
      {
        steps: "bank|paypal|visa|mastercard|amex ~4 dispute|reverse ~3 charge|payment|transaction",
      },
      {
        steps:
          "open|opened|opening|file|filed|filing ~2 dispute|claim ~3 bank|paypal|card|visa|mastercard|amex",
      },
    ],
    // An intruder may be in the account.
    hacked_account: [
      {
        steps: "account|profile|login|email|mailbox ~3 hacked|compromised|hijacked|stolen|breached",
      },
      { steps: "hacked|hijacked|broke|logged ~2 into ~1 my account|profile|email|mailbox" },
      { steps: "hacked|hijacked|stole|stolen my account|profile|login|identity" },
      { steps: "someone|somebody|stranger ~2 else ~4 my account" },
      {
        steps:
          "someone|somebody|stranger|hacker ~3 accessed|using|used|entered|changed ~2 my account|password|login|card",
      },
      {
        steps:
          "unauthorised|unauthorized ~1 login|access|order|purchase|orders|purchases|transaction|charge",
      },
      {
        steps:
          "i|we ~1 not|never|didn't ~2 place|placed|make|made this|that|these|any order|orders|purchase",
      },
      { steps: "identity theft" },
    ],
    // Rights under GDPR, CCPA and the like, which have their own deadlines and forms.
    data_request: [
      { steps: "gdpr|dsgvo|ccpa|dsar|sar", notAfter: "mr|mrs" },
      { steps: "right to be forgotten" },
      {
        steps: "delete|erase|remove|wipe|destroy ~3 my|our ~1 data|information|details|records",
        notBefore: "from|plan|cable|card",
      },
      { steps: "delete|erase|close ~2 my account ~4 data|information|everything" },
      { steps: "delete|erase my ~1 account|profile" },
      {
        steps: "copy|export|overview|download ~2 all|my|of ~3 personal|my|the ~1 data|information",
        without: "cable|plan|usb",
      },
      {
        steps:
          "what|which ~2 data|information ~2 you ~1 hold|store|keep|have|stored ~2 about|on me|us",
      },
      { steps: "data subject|protection ~1 request|officer|access|authority" },
      { steps: "subject access request" },
      { steps: "withdraw|revoke ~2 consent" },
    ],
    // Insults against the team.
    abuse: [
      { steps: "fuck|screw you|off|u|yourself|yourselves" },
      {
        steps:
          "you|you're|u ~4 idiots|idiot|morons|moron|scum|bastards|bastard|assholes|asshole|cunt|cunts|imbeciles|retards|retard|crooks|thieves",
      },
      { steps: "you|you're ~3 piece|pieces of shit" },
      { steps: "go to hell" },
      { steps: "son of a bitch" },
      { steps: "stupid|dumb|fucking bitch|cow|idiots|idiot|morons|moron|assholes" },
      { steps: "motherfucker|motherfuckers" },
      { steps: "kill yourself|yourselves" },
    ],
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
