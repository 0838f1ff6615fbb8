/** Asks one system over HTTP, and tells how each request ended without deciding what that means for an effect. */
import type { PreparedRequest } from "./prepare-request.ts";

/** How a request ended. */
export type SystemExchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The JSON of the answer, to be parsed by a schema; undefined without content and for what is no JSON. */
      readonly body: unknown;
      readonly retryAfterMs: number | undefined;
      /** One sentence for people: the system's own reason, cut and without our secrets, or what is wrong with its answer. */
      readonly said: string;
      /** False for HTML or broken JSON, which say nothing about what was done. */
      readonly isReadable: boolean;
    }
  /**
   * Nothing has left this machine: no connection, no credentials, our own limit, or a system that is left alone for now.
   */
  | { readonly kind: "unsent"; readonly cause: unknown }
  /** It may have been processed. */
  | { readonly kind: "lost"; readonly cause: unknown };

/** What a look-up found. */
export type SystemAnswer =
  | { readonly kind: "found"; readonly body: unknown }
  | { readonly kind: "absent" };

/** One system behind its limits. */
export interface SystemClient {
  /**
   * Sends once and within the connection's time; only a token that has expired is renewed and the request, which was
   * not looked at, sent again. Never throws.
   */
  exchange(request: PreparedRequest, signal: AbortSignal): Promise<SystemExchange>;
  /**
   * Asks again, twice at most, while the connection's time lasts. 404 and 410 are absent. Throws `system.unavailable` for
   * anything but a readable answer.
   */
  read(request: PreparedRequest, signal: AbortSignal): Promise<SystemAnswer>;
}
