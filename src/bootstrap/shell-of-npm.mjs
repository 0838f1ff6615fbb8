/** npm and npx run a program through a shell, and a signal sent to them ends that shell alone. */
const SHELL = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
const LOOK_MS = 300;

/** Calls `ended` once the shell above this process is gone, if npm has put one there. Gives what ends the watch. */
export function whenShellOfNpmEnds(ended) {
  const watch = setInterval(() => {
    if (SHELL === undefined || SHELL === process.ppid) return;
    clearInterval(watch);
    ended();
  }, LOOK_MS).unref();
  return () => clearInterval(watch);
}
