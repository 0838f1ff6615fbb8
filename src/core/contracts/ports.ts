/**
 * Room: The interfaces between core, jobs and adapters, so each can be replaced and tested alone.
 * In: the value types of core/values.
 * Out: contracts of channels, desks, agent, model, policy, guard, knowledge, shop, targets, tools and process ports.
 * May touch: nothing; types, schemas and a few pure functions.
 * This file: what adapters and jobs need from the process (time, ids, cursors, blobs, duties, tokens, log, traces).
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { TurnTrace } from "#core/values/trace.ts";

/** Business time. Leases use the database's clock instead. */
export interface Clock {
  now(): Date;
}

/**
 * Tells every process that a conversation changed, so that nothing has to ask the database again and again. A notice
 * may get lost; who waits for one also looks by itself, rarely.
 */
export interface ChangeNotices {
  /** Returns at once and never throws. */
  announce(conversationId: string): void;
  /** Calls `changed` at every notice until the returned function is called. */
  follow(conversationId: string, changed: () => void): () => void;
}

/** Random ids for rows and events; never used for effect keys, which derive from business identity. */
export interface Ids {
  next(prefix: string): string;
}

/**
 * Positions of pollers, such as the last UID of a mailbox. Written only after the preceding deliveries are committed.
 */
export interface Cursors {
  read(name: string): Promise<string | null>;
  /** With the lease of a duty, throws `store.fenced` and writes nothing once another process has taken that duty. */
  write(name: string, value: string, lease?: DutyLease | null): Promise<void>;
}

/** Before the name of a proof: when the mail arrived that was believed by it, and its key. */
export const PROOF_CURSOR = "email-proof:";
/** Before the address of an inbox: when its Spam folder was looked at last, and how many mails lay there. */
export const SPAM_CURSOR = "email-spam:";

/** What the vault keeps under a name, and how many times it was replaced. */
export interface VaultEntry {
  readonly value: string | null;
  readonly generation: number;
}

/**
 * Credentials that are exchanged for new ones while several processes use them. One process claims the exchange, makes
 * it outside a transaction, and stores the result; the others use the stored value and read again.
 */
export interface TokenVault {
  /** Generation 0 without a value before the first `put`. */
  read(name: string): Promise<VaultEntry>;
  /**
   * The right to exchange for `holdMs` by the database's clock, with what is kept at that moment. Null while another
   * process has it.
   */
  claim(name: string, holdMs: number): Promise<VaultEntry | null>;
  /**
   * Stores the result of the exchange and ends the claim. Returns false and stores nothing when another process has
   * stored since `generation`: the generation is the fence, so a claim that expired meanwhile still counts until
   * another process stores. An exchange may have invalidated the stored value, which leaves its result as the only
   * valid one.
   */
  put(name: string, generation: number, value: string): Promise<boolean>;
  /** Ends the claim without a result. */
  release(name: string, generation: number): Promise<void>;
}

/** Large bytes kept outside the rows: raw mail, attachments. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Stores a stream without holding it in memory. Throws what `source` throws, and
   * `input.too_large` beyond `bytesMax`; nothing is kept then.
   */
  putStream(
    source: AsyncIterable<Uint8Array>,
    limits: { readonly bytesMax: number },
  ): Promise<string>;
  get(ref: string): Promise<Uint8Array>;
  /**
   * The bytes in chunks, from the start on each call. Errors show when reading: code `ENOENT` for a blob that is not
   * kept (any more), as for a missing file.
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

/** Takes finished turns, such as for a file of spans. Never throws and never waits: telemetry must not cost a turn. */
export interface TraceExporter {
  export(trace: TurnTrace): void;
}

/** The one-time codes of this installation. A code is computed, never stored, so a retry sends the same code. */
export interface OneTimeCodes {
  /** Six digits that only the holder of the secret can compute from the challenge's id. */
  codeOf(challengeId: string): string;
  /** What the database keeps of a code. */
  hashOf(challengeId: string, code: string): string;
  /** The code under each secret that is accepted, the newest first. */
  codesOf(challengeId: string): readonly string[];
  /** What the database may have kept of a code, by each secret that is accepted. */
  hashesOf(challengeId: string, code: string): readonly string[];
  /** What the database keeps of the address a code was requested for. */
  addressHashOf(address: string): string;
  /** What the database keeps of the network the request came from. */
  networkHashOf(network: string): string;
}

/** What the operator configured. */
export type BlobPlace = { readonly folder: string } | { readonly bucket: BucketAccess };

/** A bucket, the part of it that is ours, and the key that opens it. */
export interface BucketAccess {
  /** Begins with http:// or https://, without the bucket. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or the begin of all our keys with its closing slash. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Asked of the storage for each object; null leaves it to the bucket's own setting. */
  readonly encryption: "AES256" | "aws:kms" | null;
}

/** What is known of the browser's way through the other service; kept by the browser, made anew for every try. */
export interface SignInTry {
  /** Comes back with the browser, and shows that it is the one that was sent. */
  readonly state: string;
  /** Comes back inside the service's own statement, and ties that to this try. */
  readonly nonce: string;
  /** Proves to the service that the code is redeemed by the process that asked for it (PKCE). */
  readonly verifier: string;
  /** Where the service sends the browser back to. */
  readonly redirectUri: string;
}

/** A person as the service has proven them. The policy says later whether they have a role. */
interface SignedInPerson {
  readonly name: string;
  readonly email: string;
}

/** Signing in through the service the team works in. */
export interface TeamSignIn {
  /** The address to send the browser to. */
  begin(attempt: SignInTry): Promise<string>;
  /**
   * Who came back with this code. Throws `input.unverified`, with a sentence for the person, when the service does not
   * say so or names a person who is not of this team, and `channel.unavailable` when it does not answer.
   */
  finish(code: string, attempt: SignInTry): Promise<SignedInPerson>;
}

/** Ids of what work is about, as log lines name them: a message is named as its source names it. */
interface WorkSubjects {
  readonly conversation?: string;
  readonly turn?: string;
  readonly message?: string;
  readonly card?: string;
}

const underWay = new AsyncLocalStorage<{ subjects: WorkSubjects }>();

/** Runs `work` with these subjects added to those around it. */
export function workingOn<T>(subjects: WorkSubjects, work: () => T): T {
  return underWay.run({ subjects: { ...workedOn(), ...subjects } }, work);
}

/** Adds what became known in the middle of the work, for the rest of the innermost `workingOn`. */
export function nowWorkingOn(subjects: WorkSubjects): void {
  const work = underWay.getStore();
  if (work !== undefined) work.subjects = { ...work.subjects, ...subjects };
}

/** Runs what belongs to no work, such as a timer that outlives the work which set it. */
export function withoutSubjects<T>(work: () => T): T {
  return underWay.exit(work);
}

/** What the work under way is about; empty where none was announced. */
export function workedOn(): WorkSubjects {
  return underWay.getStore()?.subjects ?? {};
}

/** What the operator configured. */
export interface RedisPlace {
  /** Begins with redis:// or rediss:// (TLS). */
  readonly url: string;
}

/**
 * The right to a duty, from the moment it was taken. The next holder has a larger generation, and what is committed under
 * an earlier one is refused with `store.fenced`.
 */
export interface DutyLease {
  readonly name: string;
  readonly generation: number;
}

// Duties: what one of several processes does at a time, such as reading one inbox.

/** One duty, by its kind and a name that is the same in every process. */
export interface Duty {
  readonly kind: "inbox" | "export" | "socket";
  /** Unique within the kind, such as the address of an inbox. */
  readonly name: string;
}

/** What a process does while it holds a duty. */
export interface DutyWork {
  /** Resolves when the work is under way, or its first attempt failed; rejects when the duty is better left to others. */
  readonly ready: Promise<void>;
  /** Takes in nothing new and waits for what is in hand. */
  stop(): Promise<void>;
}

/** A duty this process is ready to carry out, whether it holds it now or not. */
export interface DutyPlace {
  /** Ends the work if it runs here, and leaves the duty to another process. */
  stop(): Promise<void>;
}

/** Shares duties among the processes that are ready for them. */
export interface Duties {
  /**
   * Calls `begin` whenever this process takes the duty, and stops that work when it loses it. Resolves once the duty is
   * held elsewhere, or the work is under way here; rejects, and takes the duty no more, when the work cannot begin.
   */
  hold(duty: Duty, begin: (lease: DutyLease | null) => DutyWork): Promise<DutyPlace>;
}

/** For a process that is the only one, such as the one that holds the embedded database: no lease, and no fence. */
export const SOLE_PROCESS: Duties = {
  async hold(_duty, begin) {
    const work = begin(null);
    await work.ready;
    return { stop: () => work.stop() };
  },
};

/** Positions that are written under the lease alone. */
export function cursorsUnder(lease: DutyLease | null, cursors: Cursors): Cursors {
  return { ...cursors, write: (name, value) => cursors.write(name, value, lease) };
}
