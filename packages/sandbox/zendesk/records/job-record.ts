/** The stored shape of a job status. */
import { z } from "zod";

/** A finished background job. Zendesk runs them later, the sandbox at once. */
export const Job = z.object({
  id: z.string(),
  job_type: z.string(),
  message: z.string(),
  results: z.array(z.record(z.string(), z.unknown())),
});
export type Job = z.infer<typeof Job>;
