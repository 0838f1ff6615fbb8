/** What `promise` gives, if it comes within this time; otherwise an error, while `promise` is left to itself. */
export async function withTimeout<T>(promise: Promise<T>, timeMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeMs} ms`)), timeMs);
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
