import { pino } from "pino";
import type { Log } from "#core/ports.ts";

/** Names whose values never reach a log line, at any depth up to three. */
const HIDDEN = [
  "authorization",
  "token",
  "secret",
  "password",
  "pass",
  "key",
  "cookie",
  "text",
  "body",
  "email",
];

/** Text that looks like a credential or an address, wherever it stands in a sentence. */
const CREDENTIAL =
  /\b(xox[abp]-[\w-]+|xapp-[\w-]+|sk-[\w-]{8,}|Bearer\s+[\w.~+/-]+=*|eyJ[\w-]+\.[\w-]+\.[\w-]+)/g;
const ADDRESS = /[\w.+-]+@[\w-]+\.[\w.-]+/g;
const IN_URL = /\/\/[^/\s:@]+:[^/\s@]+@/g;

/** Removes credentials and mail addresses from a sentence, such as an error of a library that quotes its input. */
export function redact(text: string): string {
  return text
    .replace(CREDENTIAL, "[secret]")
    .replace(IN_URL, "//[secret]@")
    .replace(ADDRESS, "[address]");
}

/** JSON lines on standard error, so that standard output stays for people and programs that called a command. */
export function createLog(level: "debug" | "info" | "warn" | "error" | "silent"): Log {
  const logger = pino(
    {
      level,
      base: null,
      redact: {
        paths: HIDDEN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    info: (message, details) => logger.info(clean(details), message),
    warn: (message, details) => logger.warn(clean(details), message),
    error: (message, details) => logger.error(clean(details), message),
  };
}

function clean(details: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? redact(value) : value,
    ]),
  );
}
