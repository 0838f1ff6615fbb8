/** Faults by an attacker who can write to the database. */
import { sql, type SQL } from "#store/db/drizzle.ts";
import type { Trial } from "./trial.ts";

/** Changes a row before or after the click, without updating the seal. */
async function tampered(
  trial: Trial,
  statements: { readonly card: SQL; readonly effect: SQL },
): Promise<void> {
  await trial.open();
  if (trial.pick([true, false])) {
    await trial.tamper(statements.card);
    await trial.approve();
  } else {
    await trial.approve();
    await trial.tamper(statements.effect);
    if (trial.pick([true, false])) await trial.tamper(statements.card);
  }
  await trial.finish();
}

const AMOUNT = sql`'{arguments,amount,minor}'`;

/** One character of the reply, which is the last action of a bundle. */
const OTHER_TEXT = sql`to_jsonb(overlay(action #>> '{arguments,text}' placing 'x' from 12 for 1))`;

/** What an attacker can try who may write to the database but leaves the seal as it is. */
export const DATABASE_FAULTS = {
  "the amount is changed": (trial: Trial) =>
    tampered(trial, {
      card: sql`update approval set proposal = jsonb_set(proposal, '{actions,0,action,arguments,amount,minor}', '4999')`,
      effect: sql`update effect set action = jsonb_set(action, ${AMOUNT}, '4999') where operation = 'refund'`,
    }),
  "the order is changed": (trial: Trial) =>
    tampered(trial, {
      card: sql`update approval set proposal = jsonb_set(proposal, '{actions,0,action,arguments,orderId}', '"2001"')`,
      effect: sql`update effect set action = jsonb_set(action, '{arguments,orderId}', '"2001"'), facts = '[]' where operation = 'refund'`,
    }),
  "the recipient is changed": (trial: Trial) =>
    tampered(trial, {
      card: sql`update approval set proposal = jsonb_set(proposal, '{actions,1,action,arguments,to,address}', '{"thread":"email/mallory"}')`,
      effect: sql`update effect set action = jsonb_set(action, '{arguments,to,address}', '{"thread":"email/mallory"}') where operation = 'reply'`,
    }),
  "one character of the text is changed": (trial: Trial) =>
    tampered(trial, {
      card: sql`update approval set proposal = jsonb_set(proposal, '{actions,1,action,arguments,text}',
                  to_jsonb(overlay(proposal #>> '{actions,1,action,arguments,text}' placing 'x' from 12 for 1)))`,
      effect: sql`update effect set action = jsonb_set(action, '{arguments,text}', ${OTHER_TEXT}) where operation = 'reply'`,
    }),
  "the arguments of two cards are swapped": async (trial: Trial) => {
    await trial.open({ who: "ann", text: "refund 789", order: "789", people: ["sam"] });
    await trial.open({ who: "bob", text: "refund 1001 150.00", order: "1001", people: ["sam"] });
    const swapCards = sql`update approval a set proposal = b.proposal from approval b where a.id <> b.id and a.state = b.state`;
    const swapEffects = sql`update effect a set action = b.action, facts = b.facts from effect b
                            where a.key <> b.key and a.operation = 'refund' and b.operation = 'refund'`;
    if (trial.pick([true, false])) await trial.tamper(swapCards);
    await trial.approve(0, ["sam"]);
    await trial.approve(1, ["lea"]);
    await trial.tamper(swapEffects);
    await trial.finish();
  },
  "the rules are made easier": async (trial: Trial) => {
    await trial.open({ who: "bob", text: "refund 1001", order: "1001", people: ["sam", "lea"] });
    await trial.tamper(
      sql`update approval set rules = jsonb_set(rules, '{0,approvers}', '{"count":1,"leads":0}')`,
    );
    await trial.approve(0, ["sam"]);
    await trial.finish();
  },
  "fewer people are asked for": async (trial: Trial) => {
    await trial.open({ who: "bob", text: "refund 1001", order: "1001", people: ["sam", "lea"] });
    await trial.tamper(sql`update approval set needs = '{"count":1,"leads":0}'`);
    await trial.approve(0, ["sam"]);
    await trial.finish();
  },
  "a vote is forged": async (trial: Trial) => {
    await trial.open({ who: "bob", text: "refund 1001", order: "1001", people: ["sam", "lea"] });
    await trial.tamper(
      sql`update approval set votes = '[{"voter":"lea@ourshop.test","name":"Lea Winter","role":"lead","at":"2026-11-20T10:00:00.000Z"}]'`,
    );
    await trial.approve(0, ["sam"]);
    await trial.finish();
  },
  "an approval is forged": async (trial: Trial) => {
    await trial.open();
    const at = trial.environment.clock.now().toISOString();
    await trial.tamper(
      sql`update approval set state = 'approved', votes = '[{"voter":"sam@ourshop.test","name":"Sam Ortiz","role":"support","at":"2026-11-20T10:00:00.000Z"},{"voter":"lea@ourshop.test","name":"Lea Winter","role":"lead","at":"2026-11-20T10:00:00.000Z"}]'`,
    );
    await trial.tamper(
      sql`insert into effect (key, conversation_id, approval_id, turn_id, bundle, position, target, operation, action, request_digest, facts, revision, approved_by, state, not_before, created_at)
          select one.value ->> 'key', a.conversation_id, a.id, a.turn_id, 'b_forged', one.ordinality - 1,
                 one.value #>> '{action,target}', one.value #>> '{action,operation}', one.value -> 'action', '',
                 one.value -> 'facts', a.revision, 'person', 'intended', ${at}, ${at}
          from approval a, jsonb_array_elements(a.proposal -> 'actions') with ordinality as one(value, ordinality)`,
    );
    await trial.finish();
  },
} as const;
