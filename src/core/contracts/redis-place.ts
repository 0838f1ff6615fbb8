/** Where an operator's Redis is: one server, the master that Sentinels name, or the nodes of a cluster. */

/** Where a server listens. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** What the operator configured. At most one of `cluster` and `sentinels` is given; with neither it is one server. */
export interface RedisPlace {
  /** Begins with redis:// or rediss:// (TLS); its user and password count for every server. */
  readonly url: string;
  /** Nodes to ask first, beside the one in `url`; the cluster names the others. */
  readonly cluster?: readonly HostAndPort[];
  /** They name the master; `url` has the master's name in place of a host. */
  readonly sentinels?: {
    readonly at: readonly HostAndPort[];
    /** The Sentinels' own password; null where they ask for none. */
    readonly password: string | null;
  };
}
