/**
 * Loaded first in every process the bootstrap starts: stops it when its parent is gone.
 *
 * Such a process has a session of its own, so that Ctrl-C reaches it once and not twice, from the terminal and from
 * npm. It would therefore outlive a killed parent; when the channel to the parent closes, it is stopped as by SIGTERM.
 */
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
