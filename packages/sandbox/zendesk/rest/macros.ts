/** Endpoints of the local Zendesk for macros. */
import { z } from "zod";
import type { Macro } from "#sandbox/zendesk/records/macro-record.ts";
import {
  findMacro,
  macroJson,
  MacroInput,
  macrosFor,
  saveMacro,
} from "#sandbox/zendesk/records/macros.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const MacroBody = z.object({ macro: MacroInput });

/** The endpoints for the team's prepared answers. */
export const MACRO_ROUTES: readonly Route[] = [
  { method: "GET", path: "/macros", allow: "staff", run: list },
  { method: "GET", path: "/macros/active", allow: "staff", run: listActive },
  { method: "GET", path: "/macros/:id", allow: "staff", run: show },
  { method: "POST", path: "/macros", allow: "staff", run: create },
  { method: "PUT", path: "/macros/:id", allow: "staff", run: change },
  { method: "DELETE", path: "/macros/:id", allow: "staff", run: remove },
];

function list(call: Call): Reply {
  const active = call.query.get("active");
  return page(call, (macro) => active === null || macro.active === (active === "true"));
}

function listActive(call: Call): Reply {
  return page(call, ({ active }) => active);
}

function page(call: Call, wanted: (macro: Macro) => boolean): Reply {
  const access = call.query.get("access");
  const rows = macrosFor(call.desk, call.actor.user)
    .filter(wanted)
    .filter(({ restriction }) => {
      if (access === "shared") return restriction?.type !== "User";
      return access === "personal"
        ? restriction?.type === "User" && restriction.id === call.actor.user.id
        : true;
    });
  return { body: pageOf("macros", rows, (macro) => macroJson(call.desk, macro), call.page).body };
}

function show(call: Call): Reply {
  return macroReply(call, findMacro(call.desk, call.actor.user, pathId(call)));
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
