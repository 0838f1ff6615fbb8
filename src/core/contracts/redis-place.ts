/** Where an operator's Redis is. */

/** What the operator configured. */
export interface RedisPlace {
  /** Begins with redis:// or rediss:// (TLS). */
  readonly url: string;
}
