/** The observer of a story. */
import type { Action } from "#core/values/action.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Clicker } from "./people.ts";

/** Observes from outside what happens. */
export interface Watcher {
  /**
   * A commit is about to be made, with nothing in between. `racing`: another process runs freely at the same time, so
   * what is seen now may be newer than what was checked.
   */
  commit(about: {
    readonly key: string;
    readonly action: Action;
    readonly racing: boolean;
  }): Promise<void>;
  /** A button is pressed; Deskhand determines whether that decides anything. */
  pressed(clicker: Clicker, decided: DeskDecision): Promise<void>;
  /** Whether Deskhand accepted it. */
  answered(clicker: Clicker, decided: DeskDecision, accepted: boolean): void;
  /** A message was delivered to intake. */
  written(key: string): void;
  /** A teammate wrote this to a customer. */
  teammateSaid(text: string): void;
  /** A step threw. */
  failed(error: unknown): void;
  afterStep(): Promise<void>;
}
