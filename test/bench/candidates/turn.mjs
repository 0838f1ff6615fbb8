/** One loop alone: `node turn.mjs LOOP MODEL_URL CONVERSATIONS AT_ONCE`. */
import { measure } from "./measure.mjs";

const [, , loop, modelUrl, conversations, atOnce] = process.argv;
const { openLoop } = await import(`./loops/${loop}.mjs`);
await measure(openLoop(modelUrl), {
  conversations: Number(conversations),
  atOnce: Number(atOnce),
});
