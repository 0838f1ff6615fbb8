/** Where an operator's Redis is. */

import type { Keys } from "#core/connection/signing-keys.ts";

/** What the operator configured. */
export interface RedisPlace {
  /** Begins with redis:// or rediss:// (TLS). */
  readonly url: string;
  /**
   * The same address at this moment, where it comes from a file. Its user and password are asked for at each connection;
   * another host counts from the next start only.
   */
  readonly now?: Keys;
}
