/**
 * How Node runs the program. V8 makes the space for new objects small again whenever little happens, and then collects
 * it every few milliseconds: a floor of 16 MB takes a quarter of the processor time of a busy process away, for 20 MB
 * of memory.
 */
export const NODE_FLAGS = ["--min-semi-space-size=16"];
