/** What the page routes need from the composed application. */

import type { Router } from "express";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { ConnectionState } from "#core/connection/connection-board.ts";
import type { QuestionVectors } from "#jobs/gaps/group-questions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { PictureDescriber } from "#core/contracts/model.ts";
import type { TeamSignIn } from "#core/contracts/ports.ts";
import type { PageShelf } from "#jobs/knowledge/pages.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { NeedCheck } from "#server/http/readiness.ts";
import type { OwnOrigin } from "./own-origin.ts";
import type { RetentionPeriods } from "#store/privacy/retention.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import type { IdentityLevel } from "#core/values/identity.ts";

/** The parts of the job context that the pages use. */
type PageParts = Pick<
  JobContext,
  "store" | "blobs" | "clock" | "policy" | "channels" | "cardLink" | "pseudonym"
> & {
  readonly guard: Pick<JobContext["guard"], "mask">;
  readonly agent: Pick<JobContext["agent"], "modelName" | "isRehearsal">;
  /** Describes customers' pictures; null unless the configured model takes pictures. */
  readonly pictures: PictureDescriber | null;
};

/** How the vendors stand as this process last saw them; to know it costs no call. */
export interface VendorStates {
  /** The circuit breaker of each vendor: `closed`, `open` or `half-open`. */
  readonly providers: Readonly<Record<string, string>>;
  /** Each identity we sign in to a vendor with: `ok`, or what has to be done. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What this process keeps open, such as Slack's socket. */
  readonly connections: readonly ConnectionState[];
}

/** What the operator's health check and `status` know of this process. */
export interface HealthReport extends Pick<NeedCheck, "ready" | "stopping" | "needs"> {
  /** Memory and start, in one line. */
  readonly figures: string;
}

/** What the pages show and do. */
export interface PageOptions {
  readonly parts: PageParts;
  readonly handler: DeskHandler;
  /** The team's procedures, and what plays their tests. */
  readonly procedures: ProcedureShelf;
  /** The help pages, and what searches them. */
  readonly pages: PageShelf;
  /** Says how near two texts are in meaning; null where words alone are compared. */
  readonly vectors: QuestionVectors | null;
  readonly health: () => Promise<HealthReport>;
  /** What the bot is offered. */
  readonly tools: () => readonly ListedTool[];
  /** How long text and records are kept. */
  readonly keep: RetentionPeriods;
  readonly vendors: () => VendorStates;
  /** The team's own sign-in, such as its Slack; null where there is only the one-time link. */
  readonly teamSignIn: TeamSignIn | null;
  /** The page at `/`, with what else the sandbox serves; null where every service is real, and the console stands there. */
  readonly startPage: ((ownOrigin: OwnOrigin) => Router) | null;
}

/** A tool as the bot is offered it. */
export interface ListedTool {
  readonly name: string;
  /** `ending` ends the turn, such as the reply. */
  readonly kind: "read" | "write" | "ending";
  /** What the policy decides on; null for a tool that changes nothing. */
  readonly operation: string | null;
  /** From this level on it shows and changes something. */
  readonly level: IdentityLevel;
  /** Where it comes from: `built in`, or the name of a connected system. */
  readonly from: string;
  /** The schema of its arguments, as the model gets it. */
  readonly parameters: JsonObject;
}
