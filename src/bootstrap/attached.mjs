/**
 * Loaded first in every process the bootstrap starts. Such a process has a session of its own, so that Ctrl-C
 * reaches it once and not once from the terminal and once more through npm. It would therefore outlive a parent
 * that is killed; the channel to the parent closing tells it to stop as SIGTERM would.
 */
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
