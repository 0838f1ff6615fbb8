/** A report of metrics as data and as plain text. */
import { z } from "zod";

/**
 * Metrics for people, rendered by any desk. Headings and lines are ours; `quoted` may hold third-party text, and a desk
 * shows it literally.
 */
export const ReportTables = z.strictObject({
  /** The text of a notification; metrics only. */
  summary: z.string().min(1).max(300),
  title: z.string().min(1).max(140),
  /** Which spans of time are compared. */
  note: z.string().max(500),
  sections: z
    .array(
      z.strictObject({
        heading: z.string().max(100),
        lines: z.array(z.string().max(400)).max(40),
        quoted: z.array(z.string().max(200)).max(5),
      }),
    )
    .max(15),
});
export type ReportTables = z.infer<typeof ReportTables>;

/** Sends a report to one lead or to a channel of the desk; null is the channel for alerts. */
export const ReportArguments = z.strictObject({
  to: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("person"), name: z.string().min(1) }),
    z.strictObject({ kind: z.literal("place"), name: z.string().nullable() }),
  ]),
  /** The name it is stored by. */
  sheet: ReportTables,
});
export type ReportArguments = z.infer<typeof ReportArguments>;

/** The report as plain text. */
export function reportText({ title, note, sections }: ReportTables): string {
  return [
    title,
    ...(note === "" ? [] : [note]),
    ...sections.flatMap(({ heading, lines, quoted }) => [
      "",
      heading,
      ...lines.map((line) => `  ${line}`),
      ...quoted.map((words) => `  “${words}”`),
    ]),
  ].join("\n");
}
