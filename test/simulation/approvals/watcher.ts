import type { Action } from "#core/values/action.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Clicker } from "./people.ts";

/** Whoever looks at what happens, from outside. */
export interface Watcher {
  /**
   * A commit is about to be made, with nothing in between. `racing`: another process runs freely beside it, so what is
   * seen now may be younger than what was checked.
   */
  commit(about: {
    readonly key: string;
    readonly action: Action;
    readonly racing: boolean;
  }): Promise<void>;
  /** A button is pressed; whether that decides anything is Deskhand's to say. */
  pressed(clicker: Clicker, decided: DeskDecision): Promise<void>;
  /** What the desk was told after it. */
  answered(clicker: Clicker, decided: DeskDecision, accepted: boolean): void;
  /** A message was handed to the door. */
  written(key: string): void;
  /** A teammate wrote this to a customer. */
  teammateSaid(text: string): void;
  /** A step threw. */
  failed(error: unknown): void;
  afterStep(): Promise<void>;
}
