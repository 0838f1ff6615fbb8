/** What a field or column of another system holds, by its name. */

/** An amount of money, where it holds a number. */
export const AMOUNT_FIELD = /amount|price|total|paid|refund|cost|fee|sum/i;

/** An amount in minor units, such as `total_cents`. */
export const MINOR_FIELD = /(?:cents|minor)$/i;

/** The currency of the amounts beside it. */
export const CURRENCY_FIELD = /^currency(?:_?code)?$/i;
