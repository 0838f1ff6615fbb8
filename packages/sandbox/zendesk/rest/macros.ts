/** Endpoints of the local Zendesk for macros. */
import { z } from "zod";
import type { Macro } from "#sandbox/zendesk/records/account-model.ts";
import {
  findMacro,
  macroJson,
  MacroInput,
  macrosFor,
  saveMacro,
} from "#sandbox/zendesk/records/macros.ts";
import { type Call, listReply, parseBody, pathId, type Reply, type Route } from "./route.ts";

const MacroBody = z.object({ macro: MacroInput });

/** The endpoints for the team's prepared answers. */
export const MACRO_ROUTES: readonly Route[] = [
  { method: "get", path: "/macros", allow: "staff", run: list },
  { method: "post", path: "/macros", allow: "staff", run: create },
  { method: "put", path: "/macros/:id", allow: "staff", run: change },
  { method: "delete", path: "/macros/:id", allow: "staff", run: remove },
];

function list(call: Call): Reply {
  const active = call.query.get("active");
  const access = call.query.get("access");
  const { user } = call.actor;
  const rows = macrosFor(call.desk, user).filter(({ active: isActive, restriction }) => {
    if (active !== null && isActive !== (active === "true")) return false;
    if (access === "shared") return restriction?.type !== "User";
    return access !== "personal" || (restriction?.type === "User" && restriction.id === user.id);
  });
  return listReply(call, "macros", rows, (macro) => macroJson(call.desk, macro));
}

function create(call: Call): Reply {
  return macroReply(call, saveMacro(call.desk, parseBody(MacroBody, call.body).macro));
}

function change(call: Call): Reply {
  const known = findMacro(call.desk, call.actor.user, pathId(call));
  return macroReply(call, saveMacro(call.desk, parseBody(MacroBody, call.body).macro, known));
}

function remove(call: Call): Reply {
  const { id } = findMacro(call.desk, call.actor.user, pathId(call));
  call.desk.write(() => call.desk.macros.remove(id));
  return { status: 204 };
}

function macroReply(call: Call, macro: Macro): Reply {
  return { body: { macro: macroJson(call.desk, macro) } };
}
