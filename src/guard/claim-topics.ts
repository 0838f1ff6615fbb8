import type { TopicName } from "./wordings/wording.ts";

/** What makes a claim about a topic true, whatever the language. */
interface ClaimTopic {
  /** Operations that do it, those of an operator's own tools included. */
  readonly operation: RegExp;
  /** A word by which a record shows it as done before. */
  readonly state?: string;
}

export const CLAIM_TOPICS: Readonly<Record<TopicName, ClaimTopic>> = {
  refund: { operation: /refund/ },
  "password reset": { operation: /reset_password|password/ },
  cancellation: { operation: /cancel/, state: "cancelled" },
  "change of address": { operation: /address/ },
  replacement: { operation: /replac|exchange|resend|reship/ },
  compensation: { operation: /discount|voucher|coupon|credit|compensat|gift|points/ },
  "change of the account": {
    operation: /account|subscri|newsletter|unlock|profile|email|phone|name|data/,
  },
  "change of the delivery": { operation: /ship|deliver|expedit|upgrad|schedul|priorit|hold/ },
  "longer term": { operation: /warrant|extend|waive|prolong|renew|reserve/ },
  document: { operation: /invoice|label|document|receipt|send_|mail/ },
};
