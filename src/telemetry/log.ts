import { pino } from "pino";
import type { Log } from "#core/ports.ts";
import { redact, redactDetails } from "./redact.ts";

/** JSON lines on standard error, so that standard output stays for people and programs that called a command. */
export function createLog(level: "debug" | "info" | "warn" | "error" | "silent"): Log {
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    info: (message, details = {}) => logger.info(redactDetails(details), redact(message)),
    warn: (message, details = {}) => logger.warn(redactDetails(details), redact(message)),
    error: (message, details = {}) => logger.error(redactDetails(details), redact(message)),
  };
}
