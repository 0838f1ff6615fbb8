import { jwtVerify } from "jose";
import { DeskhandError } from "#core/errors.ts";

/** The header by which the chat route passes on whom the token proved. Set by the route alone; a visitor's own is dropped. */
export const SUBJECT_HEADER = "x-chat-subject";

/**
 * Checks the visitor's token: a JWT (RFC 7519) signed with HS256 under the shared identity secret, with `sub` and
 * `exp`. No header means nobody is proven (null); a header that does not hold is refused, never ignored.
 */
export async function verifyChatToken(
  authorization: string | undefined,
  options: { readonly identitySecret: string; readonly now: Date },
): Promise<string | null> {
  if (authorization === undefined || authorization === "") return null;
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw invalid("the Authorization header holds no bearer token");
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(options.identitySecret), {
      algorithms: ["HS256"],
      requiredClaims: ["exp", "sub"],
      currentDate: options.now,
      clockTolerance: 5,
    });
    if (typeof payload.sub !== "string" || payload.sub === "") throw invalid("it names no user");
    return payload.sub;
  } catch (error) {
    if (error instanceof DeskhandError) throw error;
    throw invalid("the token is not valid", error);
  }
}

function invalid(reason: string, cause?: unknown): DeskhandError {
  return new DeskhandError("input.unverified", reason, cause === undefined ? {} : { cause });
}
