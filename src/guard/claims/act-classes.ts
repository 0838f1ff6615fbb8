/** Which operation or record makes an act of a class true. */
import type { ActClass } from "./deed-words.ts";

/** What makes an act true. */
export interface DeedBacking {
  /** The name a finding uses for it. */
  readonly called: string;
  /** Operations that do it, including those of an operator's own tools. */
  readonly operation: { readonly test: (operation: string) => boolean };
  /** The word by which a record shows it as already done. */
  readonly state?: string;
}

/** Every class with what backs it. */
export const ACT_CLASSES: Readonly<Record<ActClass, DeedBacking>> = {
  refund: { called: "a refund", operation: /refund/ },
  credit: {
    called: "a voucher, discount or points",
    operation: /discount|voucher|coupon|credit|compensat|gift|points/,
  },
  replacement: { called: "a replacement", operation: /replac|exchange|resend(?!_invoice)|reship/ },
  cancellation: { called: "a cancellation", operation: /cancel/, state: "cancelled" },
  address: { called: "a change of address", operation: /address/ },
  password: { called: "a password reset", operation: /password/ },
  document: {
    called: "a document on its way",
    operation: /invoice|label|document|receipt|send_|mail|return|exchange/,
  },
  account: {
    called: "a change of the account",
    operation: /account|subscri|newsletter|unlock|profile|email|phone|name|data/,
  },
  delivery: {
    called: "a change of the delivery",
    operation: /ship|deliver|expedit|upgrad|schedul|priorit|hold|reserve/,
  },
  return: { called: "a return or exchange", operation: /return|exchange|take_back/ },
  waiver: {
    called: "a waived fee, a longer term or something to keep",
    operation: /warrant|extend|waive|prolong|renew/,
  },
};
