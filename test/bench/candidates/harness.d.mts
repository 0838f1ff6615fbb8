/** The types of harness.mjs, which our own loop shares with the candidates. */
export declare const URL_OF_MODEL: string;
/** Runs conversations as the command line says, prints what they cost, and ends the process. */
export declare function measure(converse: () => Promise<string>): Promise<void>;
