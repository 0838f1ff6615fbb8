/** What an honest reader says of the sentence that is put into a reply to see whether it reads. */
import { PROBES } from "#verifier/request.ts";

/** The statement for the sentence that stands in these data, as one that no source backs. */
export function probeFound(data: string): readonly {
  readonly text: string;
  readonly kind: "fact";
  readonly source: null;
  readonly quote: null;
}[] {
  return PROBES.filter((one) => data.includes(one)).map((text) => ({
    text,
    kind: "fact",
    source: null,
    quote: null,
  }));
}
