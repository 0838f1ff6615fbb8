/** Settings that declarations name: addresses, secrets and files. */

/**
 * Reads settings when they are needed, so that a secret that was changed in its file counts from then on. Each throws
 * `config.invalid`, which names the setting and never its value.
 */
export interface SystemSettings {
  /** The value of `NAME`, or the content of the file that `NAME_FILE` names; null when neither is set. */
  text(name: string): string | null;
  /** The content of the file whose path is the value of `NAME`. */
  file(name: string): string;
}
