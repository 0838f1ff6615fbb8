/** The connections that a set of variables makes, in a set-up where no service is asked. */
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import {
  type Connected,
  configuredConnections,
  NOTHING_EMBEDDED,
} from "#connections/connect-all.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { silentLog } from "#test/store/bench.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";

/** What is connected to, with these variables in addition to those of a real set-up; throws what the start would. */
export function connectionsWith(
  variables: Readonly<Record<string, string>>,
  policyText?: string,
): Connected {
  const config = readConfig({ ...REAL_ENVIRONMENT, ...variables });
  const notCalled = (): never => {
    throw new Error("nothing is asked while connections are made");
  };
  return configuredConnections({
    config,
    embedded: NOTHING_EMBEDDED,
    store: { kind: "pglite", run: notCalled, close: async () => undefined },
    clock: { now: () => new Date() },
    log: silentLog,
    policy: loadPolicy(policyText ?? readPolicyFile(config), "policy"),
    secrets: { chatIdentity: "", mail: "", instance: "", canary: "", audit: "" },
  });
}
