/** The type of one language's words about an order: how customers say that it came, was paid or was refunded. */

/**
 * How customers of one language report on their order. All patterns are for folded text (lower case, no accents) and
 * are tried on one clause at a time.
 */
export interface CaseWords {
  /** The beginning of a clause that is only supposed, such as "if"; nothing in it is a report. */
  readonly supposed: RegExp;
  /** What should be, will be or is wished for. */
  readonly unreal: RegExp;
  /** What others say: "the tracking says delivered". */
  readonly reported: RegExp;
  /** Another order than the one the message is about. */
  readonly otherOrder: RegExp;
  /** Takes the statement of its clause back. */
  readonly negation: RegExp;
  /** A question that states what it asks about: "why did it arrive broken?" */
  readonly why: RegExp;
  /** How a clause begins that asks: "has it arrived". */
  readonly asking: RegExp;
  /** What is not a parcel although it can be received, come or be broken: a mail, the website, an account. */
  readonly otherThing: RegExp;
  /** It came. */
  readonly arrived: RegExp;
  /** Verbs of coming and getting: with a negation they say that it did not come. */
  readonly came: RegExp;
  /** It was in use or in hand: "the screen is cracked". A negation takes it back without saying the opposite. */
  readonly inHand: RegExp;
  /** It did not come, in words without a negated "arrived". */
  readonly missing: RegExp;
  /** Names a refund. */
  readonly refund: RegExp;
  /** The refund came. */
  readonly refunded: RegExp;
  /** It did not come, or is asked after. */
  readonly refundMissing: RegExp;
  /** A verb that says how much was taken. */
  readonly charged: RegExp;
  /** Taken more than once. */
  readonly chargedTwice: RegExp;
  /** Asks to send it to another address. */
  readonly newAddress: RegExp;
}
