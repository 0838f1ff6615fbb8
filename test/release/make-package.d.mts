/** The types of make-package.mjs. */
/** Writes what the package says of itself, and what is installed with it. */
export declare function describePackage(folder: string): void;
