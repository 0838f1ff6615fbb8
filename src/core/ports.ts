import type { TurnTrace } from "./trace.ts";

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

/** Large bytes kept outside the rows: raw mail, attachments. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>;
  get(ref: string): Promise<Uint8Array>;
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
