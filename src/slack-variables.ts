/** Slack either is connected to or sends requests: with both every event and click would come by two ways. */
export function slackWayProblems(set: Readonly<Partial<Record<string, string>>>): string[] {
  const [hasToken, hasSecret] = [set["SLACK_APP_TOKEN"], set["SLACK_SIGNING_SECRET"]].map(
    (value) => value !== undefined,
  );
  if (hasToken && hasSecret)
    return [
      "SLACK_SIGNING_SECRET: stands beside SLACK_APP_TOKEN; set the token for Socket Mode or the secret for requests, one of them",
    ];
  const isWanted = Object.keys(set).some((name) => name.startsWith("SLACK_"));
  return isWanted && !hasToken && !hasSecret
    ? [
        "SLACK_APP_TOKEN: is missing, and so is SLACK_SIGNING_SECRET: Slack needs the token (Socket Mode) or the secret (signed requests)",
      ]
    : [];
}
