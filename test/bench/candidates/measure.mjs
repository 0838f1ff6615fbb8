/** Measures a loop in its own process: so many conversations, so many at once. Prints what they cost as JSON. */
const WARM_UP = 200;

/** `converse` holds one conversation of three model turns and two look-ups, and gives the last answer's text. */
export async function measure(converse, { conversations, atOnce }) {
  const first = await converse();
  if (!first.includes("456")) throw new Error(`the conversation ended with: ${first}`);
  const coldStartMs = performance.now();
  for (let count = 0; count < WARM_UP; count += 1) await converse();
  const times = [];
  let left = conversations;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const at = performance.now();
      await converse();
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((one, other) => one - other);
  process.stdout.write(
    `${JSON.stringify({
      cpuMs: (user + system) / 1_000 / times.length,
      p50Ms: times[Math.floor(times.length / 2)],
      perSecond: (times.length * 1_000) / wallMs,
      coldStartMs,
      rssMb: process.resourceUsage().maxRSS / 1_024,
    })}\n`,
  );
  process.exit(0);
}
