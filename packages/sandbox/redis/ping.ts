/** Whether a Redis answers, asked over a connection of its own that never outlives the question. */
import { connect } from "node:net";

/** A server on this machine that takes longer does not answer. */
const ANSWER_WITHIN_MS = 1_000;

/** Resolves to true once Redis on 127.0.0.1 takes commands; while it still loads its data it does not. Never rejects. */
export async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.once("data", (data) => {
      resolve(data.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
