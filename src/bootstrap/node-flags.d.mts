/** How Node runs the program. */
export const NODE_FLAGS: readonly string[];
