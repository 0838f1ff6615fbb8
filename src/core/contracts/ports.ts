import type { TurnTrace } from "#core/values/trace.ts";

/** What adapters and jobs need from the process around them, given by the composition root and replaced in tests. */

/** Business time. Leases use the database's clock instead. */
export interface Clock {
  now(): Date;
}

/** Random ids for rows and events; never used for effect keys, which come from business identity. */
export interface Ids {
  next(prefix: string): string;
}

/** Positions of pollers, such as the last UID of a mailbox. Written only after the deliveries before it are committed. */
export interface Cursors {
  read(name: string): Promise<string | null>;
  write(name: string, value: string): Promise<void>;
}

/** What is kept under a name in the vault, and how many times it was replaced. */
export interface Kept {
  readonly value: string | null;
  readonly generation: number;
}

/**
 * Credentials that are exchanged for new ones while several processes use them. One process claims the exchange, makes
 * it without a transaction, and puts the result; the others go on with what is kept and read again.
 */
export interface TokenVault {
  /** Generation 0 without a value before the first `put`. */
  read(name: string): Promise<Kept>;
  /**
   * The right to exchange for `holdMs` by the database's clock, with what is kept at that moment. Null while somebody
   * else has it.
   */
  claim(name: string, holdMs: number): Promise<Kept | null>;
  /**
   * Puts what the exchange gave and ends the claim. False, and nothing is put, when somebody else has put since
   * `generation`: the generation is the fence, so a claim that ran out meanwhile is still good as long as nobody was
   * faster. That matters because an exchange may have ended what was kept, and its result is then the only one left.
   */
  put(name: string, generation: number, value: string): Promise<boolean>;
  /** Ends the claim without a result. */
  release(name: string, generation: number): Promise<void>;
}

/** Large bytes kept outside the rows: raw mail, attachments. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Keeps what comes without holding it in memory, and tells how much it was. Throws what `source` throws, and
   * `input.too_large` beyond `bytesMax`; nothing is kept then.
   */
  putStream(
    source: AsyncIterable<Uint8Array>,
    limits: { readonly bytesMax: number },
  ): Promise<{ readonly ref: string; readonly bytes: number }>;
  get(ref: string): Promise<Uint8Array>;
  /**
   * The bytes in pieces, from the start each time it is called. What is wrong shows when they are read: the code
   * `ENOENT` for what is not kept (any more), as a missing file has it.
   */
  open(ref: string): AsyncIterable<Uint8Array>;
  remove(ref: string): Promise<void>;
}

/** Structured lines; the implementation redacts secrets and personal text. Messages are static so that they group. */
export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** Takes finished turns to wherever spans are collected. Never throws and never waits: telemetry costs no turn. */
export interface TraceExporter {
  export(trace: TurnTrace): void;
}
