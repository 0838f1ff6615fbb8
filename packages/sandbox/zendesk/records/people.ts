/** Users of the local Zendesk. */
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import { UNKNOWN_USER, type User } from "./account-model.ts";

/** What a caller may say about a user. */
export interface UserDraft {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly external_id?: string | undefined;
  readonly verified?: boolean | undefined;
}

/** The user with this address; addresses compare without case. */
export function userByEmail(desk: Desk, email: string): User | undefined {
  const wanted = email.trim().toLowerCase();
  return desk.users.all().find((user) => user.email?.toLowerCase() === wanted);
}

/** Creates an end user; 422 when the address is taken. New people are unverified until they prove their address. */
function createUser(desk: Desk, draft: UserDraft): User {
  return desk.write(() => {
    if (!draft.name && !draft.email)
      throw recordInvalid("name", "Name: cannot be blank", "BlankValue");
    if (draft.email !== undefined && userByEmail(desk, draft.email)) {
      throw recordInvalid(
        "email",
        `Email: ${draft.email} is already being used by another user`,
        "DuplicateValue",
      );
    }
    const user = blankUser(desk, draft);
    desk.users.put(user);
    return user;
  });
}

function blankUser(desk: Desk, draft: UserDraft): User {
  const email = draft.email?.trim().toLowerCase() ?? null;
  const at = stamp(desk.now());
  return {
    ...UNKNOWN_USER,
    id: desk.nextId("record"),
    name: draft.name ?? email?.split("@")[0] ?? "",
    email,
    external_id: draft.external_id ?? null,
    verified: draft.verified ?? false,
    created_at: at,
    updated_at: at,
  };
}

/** Finds by external id or address and updates, or creates. `created` says which. */
export function createOrUpdateUser(
  desk: Desk,
  draft: UserDraft,
): { readonly user: User; readonly created: boolean } {
  return desk.write(() => {
    const byExternal = desk.users
      .all()
      .find((user) => draft.external_id && user.external_id === draft.external_id);
    const known =
      byExternal ?? (draft.email === undefined ? undefined : userByEmail(desk, draft.email));
    if (!known) return { user: createUser(desk, draft), created: true };
    const user: User = {
      ...known,
      name: draft.name ?? known.name,
      external_id: draft.external_id ?? known.external_id,
      verified: draft.verified ?? known.verified,
      updated_at: stamp(desk.now()),
    };
    desk.users.put(user);
    return { user, created: false };
  });
}

/** Changes what staff know about a user; undefined when no user has this id. */
export function updateUser(
  desk: Desk,
  id: number,
  change: Partial<{
    [Name in "name" | "suspended" | "verified" | "external_id" | "only_private_comments"]:
      | User[Name]
      | undefined;
  }>,
): User | undefined {
  return desk.write(() => {
    const before = desk.users.get(id);
    if (!before) return undefined;
    const asked = Object.entries(change).filter(([, value]) => value !== undefined);
    const user: User = {
      ...before,
      ...Object.fromEntries(asked),
      updated_at: stamp(desk.now()),
    };
    desk.users.put(user);
    return user;
  });
}
