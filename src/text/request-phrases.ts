/**
 * What the write tools call their actions in a plain request (plain-request.ts): verbs, and what one wants to have. Written
 * in folded form; a pattern has to match the whole of what stands between "please" or "I want" and the thing it is about.
 */

const AMOUNT = String.raw`(?:[$€£] ?)?\d+(?:[.,]\d+)?(?: ?(?:usd|eur|gbp|dollars?|euros?|pounds?|[$€£]))?`;

/** Money back for an order. */
export const REFUND_WISHES: readonly RegExp[] = [
  /(?:refund|reimburse)(?: me)?/,
  new RegExp(`(?:refund|reimburse)(?: me)? (?:(?:the|my) )?${AMOUNT} (?:for|of|on)`),
  /(?:refund|reimburse) me for/,
  new RegExp(`(?:refund|reimbursement)(?: of ${AMOUNT})?`),
  new RegExp(`(?:money|${AMOUNT}) back`),
  new RegExp(`back (?:the|my) (?:money|${AMOUNT})`),
];

/** An order that is not to come. */
export const CANCEL_WISHES: readonly RegExp[] = [/cancel|stop|cancellation/];

/** An order that is to go back. */
export const RETURN_WISHES: readonly RegExp[] = [/return|send back|(?:return )?label/];

/** Another one of the same item. */
export const EXCHANGE_WISHES: readonly RegExp[] = [/exchange|replace|swap|replacement/];

/** An invoice once more. */
export const INVOICE_WISHES: readonly RegExp[] = [
  /(?:copy of the )?(?:invoice|receipt)/,
  /(?:send|resend|e?mail)(?: me)? (?:the|an|my) (?:invoice|receipt) (?:for|of)/,
];

/** Into the account again. Who says of themselves that they cannot sign in asks for it. */
export const RESET_WISHES: readonly RegExp[] = [
  /(?:reset|recover) my password/,
  /(?:new )?password(?: reset)?(?: link| mail)?|reset (?:link|mail)/,
  /i(?: have|'ve)? (?:forgot|forgotten|lost) my password/,
  /i (?:cannot|can not|can't) (?:log|sign) in(?: (?:to|into) my account)?(?: any ?more)?/,
  /i(?: am|'m) locked out(?: of my account)?/,
];
