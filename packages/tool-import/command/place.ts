/** Where an import of tools runs, as the command line tells it. */

/** A person at a terminal. */
export interface Person {
  say(text: string): void;
  /** What the person typed; rejects when they leave. */
  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string>;
  close(): void;
}

/** In the caller's folder, with a person or without. */
export interface ToolImports {
  readonly folder: string;
  readonly terminal: (() => Person) | null;
  /** Why a text of a document must not reach the model; null when it may. */
  readonly inspect: (text: string) => string | null;
  /** A setting by its name; null when it is not set. */
  readonly setting: (name: string) => string | null;
}
