/** The stored shape of a help centre's article. */
import { z } from "zod";

/** An article in one language. */
export const Translation = z.object({
  id: z.number(),
  locale: z.string(),
  title: z.string(),
  /** HTML. */
  body: z.string(),
  draft: z.boolean(),
  outdated: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Translation = z.infer<typeof Translation>;

/** An article with all its languages. */
export const Article = z.object({
  id: z.number(),
  section_id: z.number(),
  source_locale: z.string(),
  label_names: z.array(z.string()),
  /** The people who may read it; everybody when null. */
  user_segment_id: z.number().nullable(),
  position: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  translations: z.array(Translation),
});
export type Article = z.infer<typeof Article>;
