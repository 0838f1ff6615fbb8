/** Where an operator's Redis is: one server, the master that Sentinels name, or the nodes of a cluster. */

import type { Keys } from "#core/connection/signing-keys.ts";

/** Where a server listens. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** What the operator configured. At most one of `cluster` and `sentinels` is given; with neither it is one server. */
export interface RedisPlace {
  /** Begins with redis:// or rediss:// (TLS); its user and password count for every server. */
  readonly url: string;
  /**
   * The same address at this moment, where it comes from a file. Its user and password are asked for at each connection;
   * another host counts from the next start only.
   */
  readonly now?: Keys;
  /** Nodes to ask first, beside the one in `url`; the cluster names the others. */
  readonly cluster?: readonly HostAndPort[];
  /** They name the master; `url` has the master's name in place of a host. */
  readonly sentinels?: {
    readonly at: readonly HostAndPort[];
    /** The Sentinels' own password, asked for at each connection; null where they ask for none. */
    readonly password: Keys | null;
  };
}
