/** The settings of your own systems, which their connections name: addresses, secrets and certificates. */
import { DeskhandError } from "#core/values/errors.ts";
import { readSecret } from "./secret-source.ts";

/**
 * Reads a setting from the variable of its name, or from the file that `NAME_FILE` names. Files are read again each time,
 * so that a renewed secret needs no restart. `folder` resolves a file's name to a full path. Both methods throw
 * `config.invalid` for what cannot be read, without its content.
 */
export function systemSettings(
  environment: NodeJS.ProcessEnv,
  folder: (file: string) => string,
): {
  readonly text: (name: string) => string | null;
  readonly file: (name: string) => string;
} {
  const variable = (name: string): string => environment[name]?.trim() ?? "";
  const text = (name: string): string | null => {
    const value = variable(name);
    const file = variable(`${name}_FILE`);
    if (value !== "" && file !== "")
      throw new DeskhandError(
        "config.invalid",
        `${name} and ${name}_FILE are both set: keep one of them`,
      );
    if (file !== "") return readSecret(folder(file)).reveal();
    return value === "" ? null : value;
  };
  return {
    text,
    file(name) {
      const path = variable(name);
      if (path === "") throw new DeskhandError("config.invalid", `the variable ${name} is not set`);
      return readSecret(folder(path)).reveal();
    },
  };
}
