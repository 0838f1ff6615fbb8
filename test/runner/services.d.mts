/** What the servers for tests promise to programs in TypeScript. */

/** A server that runs until it is stopped. */
interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

export declare function startPostgres(
  programs: string,
  folder: string,
  more?: Readonly<Record<string, string>>,
): Promise<Service>;
