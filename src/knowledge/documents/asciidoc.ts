/** Reads AsciiDoc. */
import { posix } from "node:path";
import { convert, load, LoggerManager, NullLogger } from "@asciidoctor/core";
import { z } from "zod";
import { documentOf, type RawDocument, type ReadDocument } from "./document.ts";
import { markdownOfHtml } from "./html.ts";

// Its remarks on style would go to the standard error output of the process.
LoggerManager.logger = new NullLogger();

const DEPTH_MAX = 4;
/** Parts of a whole handbook; more are a loop that depth alone does not end soon enough. */
const PARTS_MAX = 200;

/**
 * Reads an AsciiDoc file with the parts it includes from the same source. The library reads no file and asks no
 * network by itself (`safe: "secure"`, Asciidoctor documentation, "Safe modes").
 */
export async function readAsciidoc(raw: RawDocument, file: string): Promise<ReadDocument> {
  const remarks: string[] = [];
  const whole = await withParts(raw, file, {
    depth: DEPTH_MAX,
    left: { parts: PARTS_MAX },
    remarks,
  });
  const document = await load(whole, { safe: "secure" });
  const html = await convert(whole, { safe: "secure", standalone: false });
  const title = String(document.getDocumentTitle() ?? "").replaceAll(/<[^<>]*>/g, "");
  const language: unknown = document.getAttribute("lang");
  const { text, hidden } = markdownOfHtml(z.string().parse(html));
  return documentOf({
    title,
    language: typeof language === "string" ? language : "",
    text,
    hidden,
    remarks,
  });
}

interface Including {
  readonly depth: number;
  readonly left: { parts: number };
  readonly remarks: string[];
}

async function withParts(raw: RawDocument, file: string, including: Including): Promise<string> {
  const lines: string[] = [];
  for (const line of file.split(/\r?\n/)) {
    const path = /^include::(?<path>[^[]+)\[[^\]]*\]\s*$/.exec(line)?.groups?.["path"];
    lines.push(path === undefined ? line : await partOf(raw, path, including));
  }
  return lines.join("\n");
}

async function partOf(raw: RawDocument, path: string, including: Including): Promise<string> {
  const { depth, left, remarks } = including;
  const at = posix.join(posix.dirname(raw.path), path.replaceAll(/\{\w+\}\/?/g, ""));
  left.parts -= 1;
  const part = depth === 0 || left.parts < 0 ? null : await raw.part(at);
  if (part === null) {
    remarks.push(`its part ${path} is not there`);
    return "";
  }
  return withParts({ ...raw, path: at }, part, { ...including, depth: depth - 1 });
}
