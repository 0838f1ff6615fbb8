/**
 * Tells phishing and cold sales mail from what customers write. Pure: the same text always gets the same answer.
 *
 * It is careful on purpose: a junk mail that is worked on costs a teammate ten seconds, a customer's mail that is set
 * aside costs a customer. So several independent signs are needed, words in which customers speak of their own orders
 * and accounts outweigh them, and who wrote is checked elsewhere.
 */

import type { Message } from "#core/values/message.ts";

/** What a mail is taken for, and what says so in our own words. */
export interface JunkVerdict {
  readonly kind: "phishing" | "sales";
  readonly reasons: readonly string[];
}

/** A mail longer than this is looked at up to here; junk makes its point early. */
const READ_MAX = 8_000;

/** Two strong signs, or one and several weak ones. */
const PHISHING_FROM = 5;
const SALES_FROM = 5;
/** However many pitches a text makes, they count as much as two. */
const PITCH_WEIGHT = 1.5;
const PITCHES_MAX = 3;

/** What is read of the open messages of one writer. */
type Read = readonly Pick<Message, "subject" | "text" | "author">[];

/** The verdict on the open messages of one writer; null for everything that is worked on. */
export function junkVerdict(messages: Read): JunkVerdict | null {
  const text = plainText(messages);
  if (text.trim() === "") return null;
  const against = totalWeight(CUSTOMER_SIGNS.filter(({ pattern }) => pattern.test(text)));
  const phishing = PHISHING_SIGNS.filter(({ pattern }) => pattern.test(text));
  if (totalWeight(phishing) - against >= PHISHING_FROM) return verdict("phishing", phishing);
  const offers = SALES_OFFERS.filter(({ pattern }) => pattern.test(text));
  const pitches = SALES_PITCHES.filter(({ pattern }) => pattern.test(text));
  const sold = totalWeight(offers) + PITCH_WEIGHT * Math.min(pitches.length, PITCHES_MAX);
  // A pitch without anything to sell is how many polite customers begin.
  return offers.length > 0 && sold - against >= SALES_FROM
    ? verdict("sales", [...offers, ...pitches])
    : null;
}

/** Whether a writer speaks as customers do, of an order or something of their own. */
export function speaksAsCustomer(messages: Read): boolean {
  const text = plainText(messages);
  return CUSTOMER_SIGNS.some(({ pattern }) => pattern.test(text));
}

function plainText(messages: Read): string {
  return messages
    .map(({ subject, text }) => `${subject}\n${text}`)
    .join("\n\n")
    .slice(0, READ_MAX)
    .replaceAll(/[\s\u00a0]+/g, " ")
    .replaceAll("’", "'");
}

function totalWeight(signs: readonly Sign[]): number {
  return signs.reduce((sum, { weight }) => sum + weight, 0);
}

function verdict(kind: JunkVerdict["kind"], signs: readonly Sign[]): JunkVerdict {
  return { kind, reasons: [...new Set(signs.map(({ says }) => says))] };
}

// The signs of phishing, of cold sales mail, and of customers. English, with some German.

/** One sign: what it looks for, how much it weighs, and how it is named to the team. */
interface Sign {
  readonly pattern: RegExp;
  readonly weight: number;
  readonly says: string;
}

const signs = (weight: number, patterns: Readonly<Record<string, RegExp>>): readonly Sign[] =>
  Object.entries(patterns).map(([says, pattern]) => ({ pattern, weight, says }));

/** The reader is asked to hand over something, or threatened, by a writer in another's name. */
const PHISHING_SIGNS = [
  ...signs(3, {
    "asks to confirm an account":
      /\b(?:re-?)?(?:verify|verifying|confirm|confirming|validat(?:e|ed|ing)|reactivate|unlock|restore)\b[^.!?]{0,30}\b(?:your|all|their)\s+(?:\w+\s+)?(?:account|identity|mailbox|e-?mail|password|details|login|wallets?|billing|card)\b|\b(?:confirming|validating|verifying) (?:billing|your login)|\bre-?validate your\b|\bwallets? must be validated\b|bestätigen Sie (?:bitte )?Ihre (?:Daten|Identität)|verifizieren Sie Ihr/i,
    "asks for a password, a card or a recovery phrase":
      /\b(?:sign|log|logging|signing)[ -]?in\b[^.!?]{0,30}\bwith your\b[^.!?]{0,30}\b(?:e-?mail|password|account)|\brecovery phrase\b|\b(?:enter|entering|submit) your card\b|\bwork account password\b|\bwith your e-?mail (?:and )?password\b/i,
    "says that mail is held back":
      /\b(?:mailbox|storage|quota)\b[^.!?]{0,30}\b(?:exceeded|almost full|is full)\b[^.!?]*[.!]?[^.!?]*\b(?:upgrade|click|sign|enter)|\b\d* ?(?:pending|undelivered|blocked) (?:e-?mails|messages)\b[^.!?]{0,60}\b(?:server|release|blocked)\b/i,
  }),
  ...signs(2, {
    "threatens with the loss of an account":
      /\b(?:account|mailbox|access|membership|domain|page|profile|listing|apple id|service|advertising account|photos)\b[^.!?]{0,40}\b(?:suspended|limited|locked|restricted|terminated|disabled|deactivated|deleted|closed|disconnected|lost)\b|\blose access\b|\bavoid loss of\b|Konto (?:wurde|wird)[^.!?]{0,60}(?:gesperrt|eingeschränkt)|Zugang gesperrt/i,
    "speaks for a bank, a mail provider or a known company":
      /\b(?:paypal|paypa1|microsoft|office 365|netflix|docusign|apple id|icloud|sharepoint|wetransfer|all mail servers|your mailbox|advertising account|commerzbank|phototan|community standards|your domain will|tax rebate|crypto|network upgrade|new device|secure document|membership is)\b/i,
  }),
  ...signs(1, {
    "sets a deadline":
      /\bwithin (?:the next )?\d+ hours\b|\bin the next \d+ hours\b|\bin 24 hours\b|\bimmediately\b|\bexpires? (?:today|soon)\b|\bfinal notice\b|\bbefore (?:it|they) (?:is|are|expires)\b|\btoday\b[^.!?]{0,20}\bwill lose\b|innerhalb von \d+ Stunden|\bumgehend\b/i,
    "brings a link": /https?:\/\//i,
    "leads to a page to sign in or pay":
      /https?:\/\/(?:(?!https?:)\S)*(?:login|log-in|signin|verify|secure|validat|update|upgrade|confirm|release|renew|pay\b|\/pay|claim|appeal|review|cancel|download|keep|wallet|card)/i,
  }),
  ...signs(5, {
    "promises a fortune":
      /\bnext of kin\b|\bunclaimed fund|\bbeneficiary of a\b|\b(?:inheritance|estate)\b[^.!?]{0,60}\b(?:million|donate)|\bmillion (?:dollars|euros?|usd)\b[^.!?]{0,80}\b(?:transfer|share|donate|lost|trustworthy|released)|\bwon the\b[^.!?]{0,30}\blottery\b|\bclaim your (?:winning|airdrop|bitcoin)|\bfree tokens\b/i,
    "asks for gift cards, a transfer or other bank details":
      /\bneed you to buy\b[^.!?]{0,30}\bgift cards?\b|\bpay by gift cards?\b|\b(?:our|my) (?:bank|direct deposit) details have changed\b|\bupdate my direct deposit\b[^.!?]{0,40}\bpayroll\b|\b(?:process|need)\b[^.!?]{0,30}\b(?:attached|international) wire transfer\b|\bmake all (?:outstanding )?payments to the new account\b/i,
    blackmails:
      /\b(?:recorded you|your (?:device|operating system|system|computer) was hacked|have access to your device)\b[^]{0,200}\b(?:bitcoin|wallet|usd|delete everything)\b/i,
  }),
];

const SALES_OFFERS = signs(3, {
  "offers search engine optimisation or links":
    /\bSEO\b|\bsearch engine optimi[sz]|\blink building\b|\bbacklinks?\b|\bdo-?follow\b|\bguest post\b|\bsponsored posts?\b|\bdomain authority\b|Suchmaschinenoptimierung/i,
  "offers development or design":
    /\b(?:website|web|site) (?:re)?design\b|\b(?:software|app|web) development\b|\bdedicated developers\b|\bspeed optimi[sz]ation\b|\bbuilding a mobile app\b|\bexplainer video\b|\bphoto editing\b|\bAI (?:agent|chatbot)\b/i,
  "offers customers or advertising":
    /\b(?:lead generation|qualified leads|b2b leads|email list|social media marketing|influencer (?:campaigns|agency)|facebook ads|bulk e-?mail|more orders a week|5-star reviews on|increase your rating|business podcast)\b/i,
  "offers staff or services":
    /\b(?:virtual assistants?|recruitment agency|outsourced? (?:call|customer)|call centre services|translation services|logistics services|freight forwarder|exhibition stands|penetration tests|bookkeeping services|printed merchandise|solar panels on|coffee machine trial)\b|\bour crm helps\b|\bwe help retailers\b|Wir übernehmen für/i,
  "offers money or insurance":
    /\b(?:business (?:funding|loans?)|merchant cash advances?|working capital|card processing fees|save on insurance)\b/i,
  "offers goods of a factory":
    /\bOEM\b|\bfactory price\b|\bprofessional manufacturer of\b|\bsupplier of\b[^.!?]{0,40}\bfor \d+ years\b|\bwe supply custom\b|\bdear (?:purchasing )?manager\b/i,
});

/** How it is offered: each alone is how anybody may write. */
const SALES_PITCHES = signs(0, {
  "speaks for a company":
    /\bwe (?:offer|provide|specialize|specialise|help|sell|supply|install|are an?)\b|\bI (?:help|represent)\b|\bmy agency\b|\bon behalf of\b|\bour (?:team|agency|company|crm|ai)\b|\bas a leading\b/i,
  "asks for a call or a demo":
    /\b(?:quick|short|15-minute|20-minute)\b[^.!?]{0,20}\b(?:call|demo)\b|\b(?:book|schedule)\b[^.!?]{0,20}\b(?:call|demo|meeting|visit)\b|\bfree demo\b|\bopen to (?:a|hearing)\b|\bavailable for a call\b|\bforward to a call\b|\bwork for a demo\b|\bminutes (?:for|to)\b[^.!?]{0,20}\b(?:call|chat|talk|meet)|\b(?:book|pick|grab|choose)\b[^.!?]{0,20}\b(?:slot|time)\b[^.!?]{0,20}\b(?:with me|calendar|calendly)\b|kurzes Telefonat/i,
  "looks for the person in charge":
    /\bright person\b|\bdecision makers?\b|\bwho handles\b|\bwhoever is responsible\b/i,
  "promises figures":
    /\b(?:boost|increase|grow|grew|increased|cut)\b[^.!?]{0,30}\b(?:sales|revenue|traffic|bills|rating|orders)\b|\bup to \d+ ?%|\bby (?:up to )?\d+ ?%|\bfirst page of google|\branks? on google|\bcompanies like yours\b|\bsave you\b|bis zu \d+ ?%/i,
  "names prices or a free sample":
    /\bpricing start|\bpackages start|\bfree (?:audit|quote|trial|mockup|report|design)|\bno[- ]obligation\b|\bunverbindliches Angebot|\bcompetitive rates\b|\bcheapest price\b|\bspecial offer\b|\bprice list\b|\bhourly rates\b|\bfrom \d+(?:\.\d+)? (?:usd|per)|\bpre-approved\b|\bour (?:prices|catalogue)\b/i,
  "refers to an earlier mail nobody asked for":
    /\bcircling back\b|\bread my last (?:e-?mail|message)\b|\bfollowing up on my\b|\bmy previous e-?mail\b/i,
  "asks for interest":
    /\b(?:are you )?interested\?|\bwould you be (?:interested|open)\b|\b(?:shall|can|may|could) I (?:send|prepare|share|get|set up|book)\b|\btell (?:us|me) (?:your|about your)\b|\blet me know your\b|\bDarf ich Ihnen\b|\bour clients\b|\bcase studies\b|\bwant a free\b/i,
});

/** How customers write of their own orders and accounts. Each of these outweighs one strong sign of junk, or more. */
const CUSTOMER_SIGNS = [
  ...signs(6, {
    "names an order":
      /\b(?:order|bestellung|auftrag)(?: number| no\.?|nummer)?\s*(?:[:#]\s*)?\d{2,}|(?:^|\s)#\d{2,}\b/i,
    "asks whether a mail is real":
      /\b(?:is|was) (?:that|this|it) (?:really |mail |email )*(?:from you|your courier|true|phishing|a scam|real)\b|\bdid you really\b|\bshould I be worried\b|\breally ship\b|\bforwarding this\b|\blooks odd\b|\bI (?:got|received) (?:a|an|this|your) (?:mail|e-?mail|password|reminder|message)\b/i,
  }),
  ...signs(4, {
    "speaks of something of their own":
      /\b(?:my|our) (?:order|parcel|package|refund|delivery|account|password|subscription|membership|purchase|invoice|receipt|basket|return|card|bank|mailbox|login|money|review|cancellation|employer|kettle|lamp|phone|headphones|laptop|backpack|niece|mother|late husband ordered)\b|\bmein(?:e|en)? (?:Paket|Bestellung|Konto|Gutschein|Bank|Rechnung)\b/i,
    "bought or wants to buy something":
      /\b(?:I|we)(?:'ve| have| had)? (?:ordered|bought|purchased|paid|returned|signed up|received a (?:confirmation|reminder))\b|\b(?:would like to|want to|wants to|(?<!\byou )want|I'd like to|we'd like to) (?:buy|order|return|cancel|pay|\d+)\b|\bdo you (?:ship|sell|offer|buy|have(?! (?:\w+ ){0,2}(?:minutes?|time|moment)\b))\b|\bcan you ship\b|\bis there a\b|\bhow (?:do|can) (?:I|we)\b|\bcan I pay\b/i,
    "complains about the shop":
      /\byou (?:sent|told|say|said|charged|promised)\b|\bI(?:'m| am) (?:waiting|locked out)\b|\bI (?:have been|never) (?:waiting|signed up)\b|\bgive me my\b|\bcan't log in\b|\bdoes not work\b|\bmoney back\b|\bplease (?:check|unsubscribe|refund|cancel)\b/i,
  }),
];
