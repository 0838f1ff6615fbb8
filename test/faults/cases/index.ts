/**
 * Room: the cases of the fault suite, one file for each part that breaks.
 * In: a case context that starts installations and servers.
 * Out: nothing when the case holds, an error or a verdict when it does not.
 * May touch: only what the case context starts.
 * This file: lists all cases by id; a new group is one more line here and one below.
 */
import type { FaultCase } from "#test/faults/case.ts";
import { cases as approvals } from "./approvals.ts";
import { cases as connected } from "./connected.ts";
import { cases as crashes } from "./crashes.ts";
import { cases as disks } from "./disks.ts";
import { cases as load } from "./load.ts";
import { cases as orderChanges } from "./order-changes.ts";
import { cases as past } from "./past.ts";
import { cases as mail } from "./mail.ts";
import { cases as model } from "./model.ts";
import { cases as payloads } from "./payloads.ts";
import { cases as people } from "./people.ts";
import { cases as pglite } from "./pglite.ts";
import { cases as postgres } from "./postgres.ts";
import { cases as processes } from "./processes.ts";
import { cases as redis } from "./redis.ts";
import { cases as time } from "./time.ts";
import { cases as workers } from "./workers.ts";
import { cases as slack } from "./slack.ts";
import { cases as vendors } from "./vendors.ts";

export const CASES: readonly FaultCase[] = [
  ...approvals,
  ...connected,
  ...crashes,
  ...disks,
  ...load,
  ...orderChanges,
  ...past,
  ...mail,
  ...model,
  ...payloads,
  ...people,
  ...pglite,
  ...postgres,
  ...processes,
  ...redis,
  ...time,
  ...workers,
  ...slack,
  ...vendors,
].toSorted((a, b) => a.id - b.id);
