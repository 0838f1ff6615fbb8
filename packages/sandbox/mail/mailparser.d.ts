/** mailparser ships without types. What it answers is parsed where it is used, so all that is said here is how it is called. */
declare module "mailparser" {
  export function simpleParser(
    input: Buffer,
    options: Readonly<Record<string, boolean | number>>,
  ): Promise<unknown>;
}
