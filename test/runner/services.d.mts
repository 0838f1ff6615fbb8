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

/** A server as it runs. */
interface Running {
  isRunning(): boolean;
  /** Resolves when it has ended. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

export declare function makeCluster(
  programs: string,
  folder: string,
  more?: readonly string[],
): Promise<{
  readonly data: string;
  url(port: number): string;
  /** Waits until it takes connections. */
  start(port: number, settings: Readonly<Record<string, string>>): Promise<Running>;
}>;
