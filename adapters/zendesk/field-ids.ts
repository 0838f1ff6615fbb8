/** Parses the configured ids of ticket fields. */
import type { ZendeskOptions } from "./options.ts";

/** Ids of ticket fields as an operator writes them, `intent=1,language=2,reason=3`; other names are ignored. */
export function ticketFieldsIn(text: string): NonNullable<ZendeskOptions["fields"]> {
  const ids = new Map(
    text.split(",").flatMap((pair) => {
      const [name = "", id = ""] = pair.split("=").map((part) => part.trim());
      return /^[1-9]\d{0,14}$/.test(id) ? [[name, Number(id)] as const] : [];
    }),
  );
  const [intent, language, reason] = [ids.get("intent"), ids.get("language"), ids.get("reason")];
  return {
    ...(intent === undefined ? {} : { intent }),
    ...(language === undefined ? {} : { language }),
    ...(reason === undefined ? {} : { reason }),
  };
}
