/** What the page routes need from the composed application. */

import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { Endpoints } from "#config/endpoints-file.ts";

/** The parts of the job context that the pages use. */
type PageParts = Pick<
  JobContext,
  "store" | "blobs" | "clock" | "policy" | "channels" | "cardLink" | "pseudonym"
> & {
  readonly agent: Pick<JobContext["agent"], "modelName" | "isRehearsal">;
};

/** What the pages show and do. */
export interface PageOptions {
  readonly parts: PageParts;
  readonly handler: DeskHandler;
  readonly identitySecret: string;
  /** Null until everything is up. */
  readonly endpoints: () => Endpoints | null;
  /**
   * Teammates of the sample company, as whom any user of this machine may open the console and try things out. Empty as
   * soon as one real customer, shop or team could be reached.
   */
  readonly sandboxTeammates: readonly { readonly name: string; readonly email: string }[];
}

/** True when everything is sample data, so that the pages may send mail, mint chat tokens and sign people in. */
export function isSandbox(options: PageOptions): boolean {
  return options.sandboxTeammates.length > 0;
}
