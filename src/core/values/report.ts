import { z } from "zod";

/**
 * Figures as people read them, for any desk to render. Headings and lines are ours; `quoted` may hold words that come
 * from anybody, and a desk shows them literally.
 */
export const ReportTables = z.strictObject({
  /** What a notification shows; figures only. */
  summary: z.string().min(1).max(300),
  title: z.string().min(1).max(140),
  /** What stands beside what. */
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

/** Tells somebody the figures: one lead alone, or everybody at a place on the desk; its usual place for alerts is null. */
export const ReportArguments = z.strictObject({
  to: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("person"), name: z.string().min(1) }),
    z.strictObject({ kind: z.literal("place"), name: z.string().nullable() }),
  ]),
  sheet: ReportTables,
});
export type ReportArguments = z.infer<typeof ReportArguments>;

/** The same where there is nothing but text. */
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
