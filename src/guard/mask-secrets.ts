/**
 * Room: the guard, which checks text on its way to the model (input, identity) and to the customer (output, languages).
 * In: messages, tool results, help pages and drafts.
 * Out: verdicts, findings and, from this file, text with secrets such as card numbers and passwords masked.
 * May touch: nothing; only identity/ asks the shop, read-only.
 * Start with input/input-guard.ts and output/output-check.ts.
 */

/** What replaces a secret. No mark contains a digit, so a mark is never masked again. */
const CARD = "[card number removed]";
const CODE = "[code removed]";
const SECRET = "[secret removed]";
const ACCOUNT = "[bank account removed]";

// Issuers' first digits (ISO/IEC 7812): Visa 4, Mastercard 5 and 2, American Express and Diners 3, Discover 6.
const CARD_NUMBER = /(?<![\d.-])[2-6](?:[ .-]?\d){12,18}(?![\d])/g;

// Two letters, two check digits and 11 to 30 more (ISO 13616), in groups of four as banks print them or in one run.
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;

const CARD_CODE =
  /\b(cvv2?|cvc2?|cid|card (?:security|verification) (?:code|number|value)|security code)\b([^\d\n]{0,15}?)(?<!\d)\d{3,4}(?!\d)/gi;

const ONE_TIME_CODE =
  /\b((?:(?:verification|security|one[- ]?time|login|log[- ]?in|access|sms|auth(?:entication)?|confirmation|2fa|mfa)[- ](?:pass)?code|otp|passcode|tan|pin)\b(?: (?:number|code))?(?: ?(?:is|was|=|:|:=))? {0,2})\d(?:[ -]?\d){3,7}(?![\d])/gi;
const BARE_CODE = /\b(code(?: (?:is|was)|:| is:) {0,2})\d{6}(?!\d)/gi;

/**
 * `password: x`, `password is x`, also for keys and secrets; a second test decides whether the value looks like one.
 */
const PASSWORD =
  /\b((?:password|passphrase|passwd|pwd|pass ?word|passwort|secret|api[- _]?key|access[- _]?token|token)(?: (?:for|to|of) [^\s:=]{1,30}| (?:for|to|of) (?:my|the) [^\s:=]{1,30})?)( ?[:=] ?| (?:is|was)(?: now)?:? )(["'`]?)(\S{3,200})/gi;

/** Recognisable formats: the prefixes vendors give their keys, JSON Web Tokens (RFC 7519), bearer headers. */
const TOKENS: readonly RegExp[] = [
  /\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,200}/g,
  // Our own, which programs use the API with.
  /\bdk_[A-Za-z0-9_-]{43}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,200}/g,
  /\bxapp-[A-Za-z0-9-]{10,200}/g,
  /\bgh[oprsu]_[A-Za-z0-9]{20,200}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,200}/g,
  /\bglpat-[A-Za-z0-9_-]{16,200}/g,
  /\bAKIA[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,60}/g,
  /\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,2000}/g,
  /(?<=\bbearer )(?=[^\s\d]{0,200}\d)[A-Za-z0-9._~+/-]{8,2000}={0,2}/gi,
];

/** How each of these begins. */
const IN_TOKENS = /[dspr]k[-_]|xox|xapp-|gh[oprsu]_|github_pat_|glpat-|AKIA|AIza|eyJ|bearer /i;

/** What people write after "my password is" when they do not disclose it. */
const NO_SECRET =
  /^(?:not|no|now|still|also|always|never|wrong|incorrect|invalid|expired|lost|forgotten|broken|gone|being|the|a|an|my|your|too|so|very|required|missing|correct|right|weak|reset|resetting|changed|working|rejected|refused|denied|blocked|locked|needed|unknown|stolen|compromised|leaked|hacked|safe|secure|fine|okay|ok|different|same|accepted|recognised|recognized|that|this|what|where|how|please|help|hidden|removed|saved|stored|out|in|on|to|and|or|but)$/i;

/** Masking can uncover a secret that was joined to another; each round leaves less to find. */
const ROUNDS_MAX = 8;

/**
 * Replaces card numbers, card codes, passwords, one-time codes, bank accounts and access keys by a mark. Used before
 * text reaches a model, a card or a trace. Applying it twice changes nothing.
 */
export function mask(text: string): string {
  let masked = text;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = maskOnce(masked);
    if (next === masked) return masked;
    masked = next;
  }
  return masked;
}

function maskOnce(text: string): string {
  const withoutTokens = IN_TOKENS.test(text)
    ? TOKENS.reduce((masked, pattern) => masked.replace(pattern, SECRET), text)
    : text;
  return withoutNumbers(withoutTokens).replace(
    PASSWORD,
    (all: string, name: string, sign: string, quote: string, word: string) =>
      maskedPassword({ all, name, sign, quote, word }),
  );
}

/** Cards, codes and accounts have two digits in a row or parted by one sign; a text without them has none. */
function withoutNumbers(text: string): string {
  if (!IN_NUMBERS.test(text)) return text;
  return text
    .replace(CARD_NUMBER, (digits) => (isCard(digits) ? CARD : digits))
    .replace(IBAN, (account) => (isBankAccount(account.replaceAll(" ", "")) ? ACCOUNT : account))
    .replace(CARD_CODE, (_all, name: string, between: string) => `${name}${between}${CODE}`)
    .replace(ONE_TIME_CODE, (_all, before: string) => `${before}${CODE}`)
    .replace(BARE_CODE, (_all, before: string) => `${before}${CODE}`);
}

const IN_NUMBERS = /\d[ .-]?\d/;

function maskedPassword(found: {
  readonly all: string;
  readonly name: string;
  readonly sign: string;
  readonly quote: string;
  readonly word: string;
}): string {
  const value = found.word.replace(/["'`]?(?<![.,;:!?)])[.,;:!?)]*$/, "");
  if (value.startsWith("[") || value.length < 3) return found.all;
  if (found.quote === "" && !looksSecret(value)) return found.all;
  return `${found.name}${found.sign}${found.quote}${SECRET}${found.word.slice(value.length)}`;
}

/**
 * Anything but an everyday word: it has a digit, a sign or an inner capital, or is a word people would not use here.
 */
function looksSecret(value: string): boolean {
  return /\d|[^\p{L}\p{M}'’-]|\p{Ll}\p{Lu}/u.test(value) || !NO_SECRET.test(value);
}

/** The check digit of card numbers (Luhn, ISO/IEC 7812-1). */
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const value = Number(digits.at(-1 - place)) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0;
}

/**
 * Whether these letters and digits have the check digits of a bank account (ISO 13616): rotated by four and read in base
 * 36, the number is 1 modulo 97.
 */
export function isBankAccount(account: string): boolean {
  let remainder = 0;
  for (const sign of account.slice(4) + account.slice(0, 4))
    for (const digit of String(Number.parseInt(sign, 36)))
      remainder = (remainder * 10 + Number(digit)) % 97;
  return account.length >= 15 && remainder === 1;
}
