/** Says in words what came of running a turn again. */
import type { TurnRecording } from "#core/recordings/turn-recording.ts";
import { lineDifference } from "#text/diff.ts";
import type { Replayed, ReplayWith } from "./replay.ts";
import { counted } from "#core/values/words.ts";

/** The lines people read; `same` is false when something is not as it was recorded. */
export function describeReplay(
  recording: TurnRecording,
  replayed: Replayed,
  today: ReplayWith,
): { readonly lines: readonly string[]; readonly same: boolean } {
  if (today === "prompt") return promptLines(recording, replayed);
  const changed = [...endingLines(recording, replayed), ...actionLines(recording, replayed)];
  if (today === null) return sameLines(recording, replayed, changed);
  const whose = today === "policy" ? "With today's policy" : "With today's model";
  const unknown =
    replayed.unknownCalls.length === 0
      ? []
      : [`Calls that were not recorded and so found nothing: ${replayed.unknownCalls.join(", ")}`];
  const lines =
    changed.length === 0 ? [`${whose} reply and actions are the same.`] : [`${whose}:`, ...changed];
  return { lines: [...lines, ...unknown], same: changed.length === 0 };
}

function sameLines(
  { answers, calls, decisions, model }: TurnRecording,
  { differing, requests }: Replayed,
  changed: readonly string[],
) {
  const by = model.isRehearsal ? "the rehearsal rules, no AI" : model.name;
  const given = `${counted(answers.length, "answer")} of ${by}, ${counted(calls.length, "call")} of tools, ${counted(decisions.length, "decision")} of the policy`;
  const asked =
    requests.changed === 0
      ? []
      : [
          `${requests.changed} of ${requests.all} requests to the model would not be letter by letter what they were: see --with prompt.`,
        ];
  return differing.length === 0
    ? { lines: [`Run again from ${given}: all of it is as it was.`, ...asked], same: true }
    : {
        lines: [
          `Run again from ${given}: not as it was in ${differing.join(", ")}.`,
          ...changed,
          ...asked,
        ],
        same: false,
      };
}

function promptLines(recording: TurnRecording, { first, requests }: Replayed) {
  const names = [...new Set([...Object.keys(recording.tools), ...Object.keys(first.tools)])];
  const tools = names.toSorted().flatMap((name) => {
    const [before, now] = [recording.tools[name], first.tools[name]];
    if (before === now) return [];
    if (before === undefined) return [`+ tool ${name}`];
    return now === undefined ? [`- tool ${name}`] : [`~ tool ${name} is described differently`];
  });
  const rules = lineDifference(recording.rules, first.rules).flatMap(({ kind, text }) =>
    kind === "same" ? [] : [`${kind === "in" ? "+" : "-"} ${text}`],
  );
  if (requests.all === 0) return { lines: ["The model was not asked in this turn."], same: true };
  const lines = [...rules, ...tools];
  const asked = `${requests.changed} of ${requests.all} requests to the model differ.`;
  return lines.length === 0
    ? { lines: [`Rules and tools are the same today. ${asked}`], same: requests.changed === 0 }
    : {
        lines: ["Today's rules and tools against the recorded ones:", ...lines, asked],
        same: false,
      };
}

function endingLines({ ending }: TurnRecording, { now }: Replayed): readonly string[] {
  if (ending.kind === now.ending.kind && ending.text === now.ending.text) return [];
  return [
    `ended with ${ending.kind}, would end with ${now.ending.kind}`,
    ...lineDifference(ending.text, now.ending.text).flatMap(({ kind, text }) =>
      kind === "same" ? [] : [`  ${kind === "in" ? "+" : "-"} ${text}`],
    ),
  ];
}

function actionLines({ actions }: TurnRecording, { now }: Replayed): readonly string[] {
  const keys = [...new Set([...actions, ...now.actions].map(({ key }) => key))];
  return keys.flatMap((key) => {
    const was = actions.find((one) => one.key === key);
    const is = now.actions.find((one) => one.key === key);
    const label = was?.label ?? is?.label ?? key;
    const [before, after] = [was, is].map((one) =>
      one === undefined ? "not proposed" : `${one.verdict} by ${one.rule}`,
    );
    return before === after ? [] : [`${label}: was ${before}, would be ${after}`];
  });
}
