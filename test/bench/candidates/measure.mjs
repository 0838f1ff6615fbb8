/** Measures a loop in its own process: so many conversations, so many at once. Prints what they cost as JSON. */
const WARM_UP = 200;

/** `converse` holds one conversation of three model turns and two look-ups, and gives the last answer's text. */
export async function measure(converse, { conversations, atOnce }) {
  const first = await converse();
  if (!first.includes("456")) throw new Error(`the conversation ended with: ${first}`);
  const coldStartMs = performance.now();
  for (let count = 0; count < WARM_UP; count += 1) await converse();
  let left = conversations;
  const cpu = process.cpuUsage();
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await converse();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(
    `${JSON.stringify({
      cpuMs: (user + system) / 1_000 / conversations,
      coldStartMs,
      rssMb: process.resourceUsage().maxRSS / 1_024,
    })}\n`,
  );
  process.exit(0);
}
