/** Which operation or record makes a claim about a topic true. */
import type { TopicName } from "#guard/languages/language.ts";

/** What makes a claim about a topic true, whatever the language. */
interface ClaimTopic {
  /** The name a finding uses for it. */
  readonly called: string;
  /** Operations that do it, including those of an operator's own tools. */
  readonly operation: RegExp;
  /** The word by which a record shows it as already done. */
  readonly state?: string;
}

export const CLAIM_TOPICS: Readonly<Record<TopicName, ClaimTopic>> = {
  refund: { called: "a refund", operation: /refund/ },
  "password reset": { called: "a password reset", operation: /reset_password|password/ },
  cancellation: { called: "a cancellation", operation: /cancel/, state: "cancelled" },
  "change of address": { called: "a change of address", operation: /address/ },
  replacement: { called: "a replacement", operation: /replac|exchange|resend|reship/ },
  compensation: {
    called: "a compensation",
    operation: /discount|voucher|coupon|credit|compensat|gift|points/,
  },
  "change of the account": {
    called: "a change of the account",
    operation: /account|subscri|newsletter|unlock|profile|email|phone|name|data/,
  },
  "change of the delivery": {
    called: "a change of the delivery",
    operation: /ship|deliver|expedit|upgrad|schedul|priorit|hold/,
  },
  "longer term": {
    called: "a longer term or a waived fee",
    operation: /warrant|extend|waive|prolong|renew|reserve/,
  },
  document: {
    called: "a document on its way",
    operation: /invoice|label|document|receipt|send_|mail/,
  },
};
