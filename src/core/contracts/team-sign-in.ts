/** The contract of a team's own sign-in: another service says which teammate sits in front of the browser. */

/** What is known of the browser's way through the other service; kept by the browser, made anew for every try. */
export interface SignInTry {
  /** Comes back with the browser, and shows that it is the one that was sent. */
  readonly state: string;
  /** Comes back inside the service's own statement, and ties that to this try. */
  readonly nonce: string;
  /** Proves to the service that the code is redeemed by the process that asked for it (PKCE). */
  readonly verifier: string;
  /** Where the service sends the browser back to. */
  readonly redirectUri: string;
}

/** A person as the service has proven them. The policy says later whether they have a role. */
export interface SignedInPerson {
  readonly name: string;
  readonly email: string;
}

/** Signing in through the service the team works in. */
export interface TeamSignIn {
  /** The address to send the browser to. */
  begin(attempt: SignInTry): Promise<string>;
  /**
   * Who came back with this code. Throws `input.unverified`, with a sentence for the person, when the service does not
   * say so or names a person who is not of this team, and `channel.unavailable` when it does not answer.
   */
  finish(code: string, attempt: SignInTry): Promise<SignedInPerson>;
}
