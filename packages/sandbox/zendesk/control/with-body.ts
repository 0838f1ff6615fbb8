/** Parses the body of a control call. */
import type { RequestHandler, Response } from "express";
import { z } from "zod";

/** Runs a control route with its parsed body; another shape is answered with 400 and what is wrong with it. */
export function withBody<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.output<Schema>, response: Response) => void,
): RequestHandler {
  return (request, response) => {
    const parsed = schema.safeParse(request.body);
    if (parsed.success) run(parsed.data, response);
    else response.status(400).json({ error: z.prettifyError(parsed.error) });
  };
}
