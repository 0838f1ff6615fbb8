/** Reads the rate limit headers of an answer. */

/** Accounts use different spellings of each header. */
const SPELLINGS = {
  limit: ["x-rate-limit", "ratelimit-limit", "rate-limit"],
  remaining: ["x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"],
  reset: ["ratelimit-reset", "rate-limit-reset"],
} as const;

/** The first spelling present: calls a minute, how many are left, or seconds until the limit resets. */
export function rateHeader(headers: Headers, name: keyof typeof SPELLINGS): string | null {
  return (
    SPELLINGS[name].map((spelling) => headers.get(spelling)).find((one) => one !== null) ?? null
  );
}
