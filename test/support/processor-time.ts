/** Processor time of a test's own work, for limits on how slow something may be; and the memory of a process. */
import { readFileSync } from "node:fs";

/**
 * Starts to count; the result gives the milliseconds of processor time this process took since. A busy machine makes the
 * clock on the wall say anything, and other files of the run keep it busy.
 */
export function processorClock(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
}

/**
 * Resident memory of a process in MB to a tenth, as proc_pid_status(5) counts it: now, or the most it had. Null where it
 * does not run.
 */
export function memoryMb(
  pid: number | "self" | undefined,
  field: "VmRSS" | "VmHWM" = "VmRSS",
): number | null {
  if (pid === undefined) return null;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 102.4) / 10;
  } catch {
    return null;
  }
}

/** The same of a process that has to run; throws where it does not, so that no figure is 0 for want of a measurement. */
export function measuredMb(pid: number | "self", field: "VmRSS" | "VmHWM"): number {
  const megabytes = memoryMb(pid, field);
  if (megabytes === null) throw new Error(`process ${pid} does not run`);
  return megabytes;
}
