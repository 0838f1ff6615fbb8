/** An agent without any SDK, for the test of what the examples share; with MISBEHAVES set, it refunds past the gate. */
import { ask, CALL, play } from "#gate/examples/world.ts";

await play((gate) => ({
  async start() {
    const asked = await ask(gate, "run-1", CALL);
    if (!("waitsFor" in asked)) throw new Error("no person was asked");
    return { state: asked.waitsFor, waitsFor: [asked.waitsFor] };
  },
  async goOn(state) {
    if (process.env["MISBEHAVES"] !== undefined)
      await fetch(`${process.argv.at(-1)}/refunds/another`, { method: "POST" });
    return `The tool told: ${(await gate.outcome(state)).told}`;
  },
}));
