/** All thirty-five cases, and how they are played on a system: two controls first, then the script, each in a world of its own. */
import { OTHER_CONTENT } from "#conformance/cases/a-other-content.ts";
import { NOT_THE_PERSON } from "#conformance/cases/b-not-the-person.ts";
import { WITHOUT_A_YES } from "#conformance/cases/c-without-a-yes.ts";
import { TWICE_OR_LOST } from "#conformance/cases/d-twice-or-lost.ts";
import { SEVERAL } from "#conformance/cases/f-several.ts";
import {
  mustSee,
  mustWait,
  NOTE,
  Violation,
  type Case,
  type Script,
  type Stage,
  cut,
  written,
} from "#conformance/cases/case.ts";
import type {
  Approvers,
  Can,
  Lacking,
  OfferName,
  Offered,
  System,
  World,
  Effect,
} from "#conformance/contract.ts";

/** By their numbers: most severe first. */
export const CASES: readonly Case[] = [
  ...OTHER_CONTENT,
  ...NOT_THE_PERSON,
  ...WITHOUT_A_YES,
  ...TWICE_OR_LOST,
  ...SEVERAL,
].toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));

/** What came of one script. */
export type ScriptResult =
  | { readonly script: string; readonly state: "held" }
  | {
      readonly script: string;
      readonly state: "failed";
      readonly because: string;
      readonly calls: readonly string[];
    }
  | {
      readonly script: string;
      readonly state: "not offered";
      readonly lacks: readonly (Lacking & { readonly offer: OfferName })[];
    }
  | { readonly script: string; readonly state: "not judged"; readonly because: string };

/** What came of one case. */
export interface CaseResult {
  readonly id: Case["id"];
  readonly level: Case["level"];
  readonly title: string;
  readonly state: ScriptResult["state"];
  readonly scripts: readonly ScriptResult[];
}

/** What came of one system. */
export interface SystemResult {
  readonly system: string;
  readonly version: string;
  readonly settings: string;
  readonly pages: readonly string[];
  readonly seconds: number;
  /** Of this process; a database server's own is not in it. */
  readonly processorSeconds: number;
  readonly cases: readonly CaseResult[];
}

/** A system that is being judged, with the controls that were played already. */
interface Judged {
  readonly system: System;
  readonly offered: Offered;
  readonly controls: Map<string, Promise<Played>>;
}

/** What came of a few calls in a world of their own. */
type Played = Awaited<ReturnType<typeof play>>;

/** Judges a system by these cases, one after the other: they would share its clock and its crashes. */
export async function judge(system: System, cases: readonly Case[]): Promise<SystemResult> {
  const began = performance.now();
  const before = process.cpuUsage();
  const judged = { system, offered: await givenOffers(system), controls: new Map() };
  const results: CaseResult[] = [];
  for (const one of cases) results.push(await judgeCase(judged, one));
  const { name, version, settings, pages } = system;
  const { user, system: kernel } = process.cpuUsage(before);
  const seconds = inTenths((performance.now() - began) / 1_000);
  const processorSeconds = inTenths((user + kernel) / 1_000_000);
  return { system: name, version, settings, pages, seconds, processorSeconds, cases: results };
}

function inTenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

async function givenOffers(system: System): Promise<Offered> {
  const world = await system.open("one");
  await world.close();
  return world.offered;
}

async function judgeCase(judged: Judged, one: Case): Promise<CaseResult> {
  const scripts: ScriptResult[] = [];
  for (const script of one.scripts) scripts.push(await judgeScript(judged, script));
  const { id, level, title } = one;
  return { id, level, title, state: worst(scripts), scripts };
}

/** One script that fails decides; a case none of whose scripts is offered has no verdict. */
function worst(scripts: readonly ScriptResult[]): ScriptResult["state"] {
  const states = scripts.map(({ state }) => state);
  for (const state of ["failed", "not judged", "held"] as const)
    if (states.includes(state)) return state;
  return "not offered";
}

async function judgeScript(judged: Judged, script: Script): Promise<ScriptResult> {
  const lacks = script.needs.flatMap((offer) => {
    const found = judged.offered[offer];
    return isLacking(found) ? [{ offer, ...found }] : [];
  });
  if (lacks.length > 0) return { script: script.name, state: "not offered", lacks };
  for (const control of scriptControls(judged, script)) {
    const { broken } = await control.played();
    const because = `${control.what}: ${broken?.message ?? ""}`;
    if (broken !== null) return { script: script.name, state: "not judged", because };
  }
  const { broken, calls } = await play(judged.system, script.approvers, script.play);
  if (broken === null) return { script: script.name, state: "held" };
  const because = broken.message;
  return broken instanceof Violation
    ? { script: script.name, state: "failed", because, calls }
    : { script: script.name, state: "not judged", because: `the system broke off: ${because}` };
}

/** The two controls of a script; one that is the same for many scripts is played once. */
function scriptControls({ system, controls }: Judged, { approvers, honest, isUsual }: Script) {
  // Where no person may decide, an honest yes has to come from a world that has an approver.
  const deciding = approvers === "none" ? "one" : approvers;
  const once = (name: string, start: () => Promise<Played>) => (): Promise<Played> => {
    const found = controls.get(name) ?? start();
    controls.set(name, found);
    return found;
  };
  const plays = (): Promise<Played> => play(system, deciding, honest);
  return [
    {
      what: "an honest yes does not have its one effect",
      played: isUsual ? once(`yes, ${deciding}`, plays) : plays,
    },
    {
      what: "what needs no person does not run unasked",
      played: once(`unasked, ${approvers}`, () => play(system, approvers, runsUnasked)),
    },
  ];
}

async function runsUnasked(stage: Stage<OfferName>): Promise<void> {
  await stage.perform(NOTE);
  await stage.run();
  await mustSee(stage, [NOTE]);
  await mustWait(stage, []);
}

async function play(system: System, approvers: Approvers, part: Script["play"]) {
  const calls: string[] = [];
  const world = await system.open(approvers);
  try {
    await part(recordedStage(world, calls));
    return { broken: null, calls };
  } catch (error) {
    return { broken: error instanceof Error ? error : new Error(String(error)), calls };
  } finally {
    await world.close();
  }
}

function recordedStage(world: World, calls: string[]): Stage<OfferName> {
  const offers = Object.entries(world.offered).filter(([, offer]) => !isLacking(offer));
  // What is left is offered, which is what a stage promises; scripts name what they need of it.
  const can = Object.fromEntries(offers) as unknown as Can<OfferName>;
  return { ...recorded(world, calls), can: recorded(can, calls) };
}

function isLacking(offer: unknown): offer is Lacking {
  return typeof offer === "object" && offer !== null && "lacking" in offer;
}

// What a script calls and is told, so that a failure can be shown as the calls that led to it.

/** The same object, each of whose methods leaves a line. */
function recorded<Target extends object>(target: Target, lines: string[]): Target {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== "function" || typeof name !== "string" || name === "spell") return value;
      return (...given: readonly unknown[]): unknown => {
        const index = lines.push(`${name} ${given.map(told).join(" ")}`.trim()) - 1;
        const answer: unknown = Reflect.apply(value, from, given);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((result: unknown) => {
          if (result !== undefined) lines[index] = `${lines[index]} → ${told(result)}`;
          return result;
        });
      };
    },
  });
}

function told(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? "nothing" : cut(value.slice(0, 6).map(told).join(", "));
  if (typeof value !== "object" || value === null) return cut(String(value));
  if (isCall(value)) return written(value);
  if ("accepted" in value)
    return "reason" in value ? `refused: ${cut(String(value.reason))}` : "accepted";
  if ("kind" in value) return "call" in value ? `edit to ${told(value.call)}` : String(value.kind);
  if ("id" in value) return String(value.id);
  return cut(JSON.stringify(value));
}

function isCall(value: object): value is Effect {
  return "action" in value && "args" in value;
}
