/** mailparser ships without types. Its answer is parsed by `ParsedMail`, so all that is said here is how it is called. */
declare module "mailparser" {
  export function simpleParser(
    input: Buffer,
    options: Readonly<Record<string, boolean | number>>,
  ): Promise<unknown>;
}
