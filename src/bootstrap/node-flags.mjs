/**
 * How Node runs Deskhand, by `npm start` and in the tests. V8 makes the space for new objects small again whenever
 * little happens, and then collects it every few milliseconds: a floor of 16 MB takes a quarter of the processor time
 * of a busy process away, for 20 MB of memory.
 *
 * Node keeps compiled modules apart by such flags. Deskhand compiles for size (`src/main.ts`), which V8 refuses to mix
 * with what commands and tests compiled: without a flag of its own on the command line each start would compile
 * everything again, and so would the command after it.
 */
export const NODE_FLAGS = ["--min-semi-space-size=16"];
