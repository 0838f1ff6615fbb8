/**
 * What each column of text holds of people, for the test that no erasure forgets one. A column that is new stands in one of
 * these four, and where it holds something of a person, an erasure has to reach it.
 */

/** Columns by their names in the database, separated by spaces. */
interface TableContents {
  /** Ids, states, digests, pseudonyms and the team's own texts, which are about no one. */
  readonly nobody?: string;
  /** Customers' words, names and addresses, also in what the bot wrote. */
  readonly customers?: string;
  readonly teammates?: string;
  readonly both?: string;
}

export const CONTENTS: Readonly<Record<string, TableContents>> = {
  access_token: { teammates: "email name made_by", nobody: "id hash label scopes" },
  api_answer: { customers: "content body", nobody: "token_id key seed" },
  approval: {
    customers: "proposal rules card answers redraft",
    teammates: "votes claim opinions",
    both: "closing",
    nobody: "id conversation_id turn_id kind state seal revision needs desk_ref status_line",
  },
  attachment: {
    customers: "message_key ref name media_type reason description",
    nobody: "id conversation_id channel state blob_ref",
  },
  audit: { nobody: "kind data previous hash" },
  audit_pending: { nobody: "kind data" },
  autonomy_proposal: { nobody: "change_id kind channel topic came_from goes_to" },
  candidate_case: {
    customers: "reason",
    nobody: "conversation_id answered_by decision decided_by",
  },
  case_customer: { customers: "customer_id waiting" },
  case_member: {
    customers: "customer_id author_id orders topic reasons asked_about",
    nobody: "conversation_id brand case_id",
  },
  case_note: { customers: "text", teammates: "author name", nobody: "id conversation_id" },
  challenge: {
    customers: "author_id email_on_file",
    nobody: "id conversation_id address_hash code_hash state network_hash",
  },
  challenge_try: { customers: "message_key", nobody: "challenge_id" },
  console_pass: { teammates: "email name", nobody: "hash kind" },
  conversation: {
    customers: "external_id subject owner_delicate",
    teammates: "barred owner_holder owner_voter",
    both: "owner_reason",
    nobody:
      "id channel brand owner revision linked_id rating lease_owner customer participants_digest rating_source kept_out",
  },
  conversation_key: { customers: "key", nobody: "conversation_id" },
  dead_letter: { customers: "reason hints effects messages", nobody: "id conversation_id kind" },
  desk_decision: { both: "answer", nobody: "id approval_id" },
  deskhand_migration: { nobody: "name hash works_with" },
  digest: { teammates: "person", nobody: "key kind day state ref" },
  draft_difference: {
    customers: "content",
    nobody: "conversation_id event kind turn_id topic who decision decision_reason decided_by",
  },
  draft_score: {
    customers: "unjudged",
    nobody: "approval_id conversation_id channel topic risk_currency",
  },
  duty: { nobody: "name holder" },
  effect: {
    customers: "action facts error",
    nobody:
      "key conversation_id approval_id turn_id bundle target operation request_digest revision approved_by state ref",
  },
  erasure: { nobody: "name" },
  harmless_text: {
    customers: "masked_text",
    nobody: "conversation_id message_key judged segment lang approval_id who",
  },
  heartbeat: { nobody: "worker knows" },
  help_page: {
    teammates: "owner",
    nobody: "slug title url hash source language brands audience labels asked unanswered",
  },
  help_passage: {
    nobody: "id slug title url heading body embedding language words embedding_model",
  },
  hint: {
    customers: "event_id payload error",
    nobody: "channel conversation_id kind body_ref state",
  },
  junk: { nobody: "conversation_id kind why list_key" },
  knowledge_copy: { nobody: "source id etag last_modified title updated url body attributes" },
  knowledge_gap: {
    customers: "question query",
    nobody: "conversation_id message_key reason channel pages",
  },
  knowledge_left_out: { nobody: "source id reason" },
  knowledge_source: { nobody: "name kind location added_by problem" },
  message: {
    customers: "key text_digest",
    both: "author_id outcome_reason",
    nobody: "conversation_id author_kind visibility outcome turn_id passed_over",
  },
  message_content: { both: "content" },
  page_contradiction: { nobody: "one one_sentence other other_sentence" },
  page_doubt: { teammates: "allowed_by", nobody: "slug passage kind reason digest" },
  page_off: { teammates: "off_by on_by", nobody: "slug reason" },
  person_key: { nobody: "person key" },
  policy_change: {
    teammates: "votes closing",
    nobody: "id source version text state relaxations differences needs desk_ref made_from",
  },
  position: { nobody: "name value" },
  procedure_version: {
    teammates: "author votes closing",
    nobody: "id name text digest state origin tested_with needs desk_ref test_lines",
  },
  rehearsal: { nobody: "id source model policy_version state reason summary" },
  rehearsed_ticket: {
    customers: "customer customer_id played",
    teammates: "verdict",
    nobody: "rehearsal_id ticket_id kept_as",
  },
  reservation: { customers: "subject", nobody: "effect_key limit_name" },
  resolution: { nobody: "conversation_id kind reason continued_in" },
  setting: { teammates: "value", nobody: "name" },
  signal: { customers: "payload", nobody: "key conversation_id" },
  ticket_session: { teammates: "user_id email name", nobody: "hash opening origin ticket" },
  token_vault: { nobody: "name value" },
  transcript: { customers: "text", nobody: "key conversation_id" },
  turn: { both: "trace", nobody: "id conversation_id outcome" },
  turn_recording: { both: "body", nobody: "turn_id conversation_id" },
  wake_count: { nobody: "kind" },
  webhook: { nobody: "id url events secret old_secret off_reason" },
  webhook_delivery: {
    customers: "answer",
    both: "body",
    nobody: "id webhook_id event conversation_id state",
  },
  written_page: {
    teammates: "owner author",
    nobody: "name title url body language brands audience note labels",
  },
};
