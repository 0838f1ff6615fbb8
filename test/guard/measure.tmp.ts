import { readFileSync } from "node:fs";
import { createInputGuard } from "#guard/input-guard.ts";
const g = createInputGuard({
  toolNames: ["issue_refund", "get_customer", "list_orders"],
  delicateWords: {},
  vip: [],
});
const rows = readFileSync("/work/shared/data/injection/dev.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((l) => JSON.parse(l));
const t: any = {};
const show = process.argv[2];
const t0 = performance.now();
for (const r of rows) {
  const v = g.inspectText(r.text, "x");
  const k = r.kind;
  t[k] ??= { n: 0, block: 0, caution: 0 };
  t[k].n++;
  if (v.verdict !== "allow") t[k][v.verdict]++;
  const s = r.kind + "/" + r.source;
  t[s] ??= { n: 0, block: 0, caution: 0 };
  t[s].n++;
  if (v.verdict !== "allow") t[s][v.verdict]++;
  if (show === "fp" && r.kind.includes("benign") && v.verdict !== "allow")
    console.log(v.verdict, r.source, v.reasons[0], "||", r.text.slice(0, 150).replace(/\n/g, " "));
  if (
    show === "miss" &&
    !r.kind.includes("benign") &&
    r.source.startsWith("own") &&
    v.verdict === "allow"
  )
    console.log(r.kind, r.text.slice(0, 200).replace(/\n/g, " / "));
  if (show === "del" && r.kind.includes("benign")) {
    const d = g.delicate([
      {
        subject: "",
        text: r.text,
        author: { id: "x", name: "" },
        identity: { handle: { kind: "none" } },
      } as any,
    ]);
    if (d)
      console.log(
        d.topic,
        "|",
        d.words,
        "|",
        r.source,
        "|",
        r.text.slice(0, 140).replace(/\n/g, " "),
      );
  }
  if (show === "mask" && r.kind.includes("benign") && g.mask(r.text) !== r.text)
    console.log(r.source, g.mask(r.text).slice(0, 200));
}
console.log("ms", performance.now() - t0);
if (!show) console.table(t);
