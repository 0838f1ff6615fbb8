/** Processor time of a test's own work, for limits on how slow something may be. */

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
