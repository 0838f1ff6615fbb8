/** What the input guard is told to take for harmless, as the policy file writes it. */
import { z } from "zod";

export const GuardEntry = z.strictObject({
  /** Words of your own trade that the guard took for an attack. */
  harmless_phrases: z.array(z.string().trim().min(5).max(200)).max(200).default([]),
  /** Addresses or "@domain" endings. */
  trusted_senders: z
    .array(
      z
        .string()
        .trim()
        .max(200)
        .regex(/^[^@\s]*@[^@\s]+$/, 'must be an address or "@domain"'),
    )
    .max(1_000)
    .default([]),
});
