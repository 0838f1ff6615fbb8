/** Rooms by floor, lowest first. */
export const FLOORS: readonly (readonly string[])[];
