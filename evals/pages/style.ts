/** The one style sheet of a page: light and dark, wide and narrow, screen and paper. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#596273;--paper:#fff;--panel:#f5f6f8;--line:#d9dde4;--bad:#b3261e;--bad-back:#fdecea;--good:#1b6e3c;--good-back:#e4f4ea;--fair:#7a5200;--fair-back:#fdf3dc;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ink:#e7eaf0;--soft:#a5aebd;--paper:#14171c;--panel:#1d2128;--line:#343a45;--bad:#ffb4ab;--bad-back:#44201d;--good:#8fdcab;--good-back:#15331f;--fair:#f3cf83;--fair-back:#3a2f14;--link:#8ec2ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:24px 16px 64px}
a{color:var(--link)}
h1{font-size:1.5rem;line-height:1.3;margin:4px 0 12px;max-width:56ch}
h2{font-size:1.15rem;margin:0 0 4px}
h3{font-size:.95rem;margin:14px 0 4px}
h4{font-size:.85rem;margin:12px 0 2px;color:var(--soft)}
section{margin:28px 0 0}
.kicker,.holds,.small,.change,figcaption,footer,.nothing,.again{color:var(--soft);font-size:.88rem;margin:2px 0}
.rule{display:inline-block;padding:6px 12px;border-radius:8px;margin:0 0 8px;background:var(--panel);border:1px solid var(--line)}
.rule.kept{background:var(--good-back);color:var(--good);border-color:currentColor}
.rule.broken{background:var(--bad-back);color:var(--bad);border-color:currentColor}
.rule.open{background:var(--fair-back);color:var(--fair);border-color:currentColor}
.reasons{margin:4px 0;padding-left:20px}
.tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:12px}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px}
.tile.bad{border:2px solid var(--bad)}
.tile h2{font-size:.85rem;font-weight:600;color:var(--soft);min-height:2.6em}
.tile p{margin:0;font-size:.85rem}
.tile .figure{font-size:1.35rem;font-weight:650;line-height:1.35}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:12px}
figure{margin:0;padding:12px;border:1px solid var(--line);border-radius:10px}
svg{display:block;width:100%;height:auto;max-height:240px}
svg text{font:12px system-ui,sans-serif;fill:var(--ink);stroke:var(--paper);stroke-width:3px;paint-order:stroke}
svg .end{text-anchor:end}
svg .middle{text-anchor:middle}
.grid{stroke:var(--line)}
.range{stroke:var(--soft);stroke-width:2}
.dot,.bar{fill:var(--link)}
.ring{fill:none;stroke:var(--soft);stroke-width:2}
nav{display:flex;flex-wrap:wrap;gap:8px;margin:24px 0 0}
nav a{padding:5px 12px;border:1px solid var(--line);border-radius:999px;text-decoration:none;color:var(--ink);font-size:.9rem}
nav a.none{color:var(--soft)}
nav a.rule_breaks,nav a.regressed{border-color:var(--bad);color:var(--bad)}
nav a.fixed{border-color:var(--good);color:var(--good)}
nav a.flaky,nav a.still_failing,nav a.errors{border-color:var(--fair);color:var(--fair)}
.count{font-weight:400;color:var(--soft)}
.folded>summary{cursor:pointer;color:var(--link);padding:4px 0}
.case{border:1px solid var(--line);border-radius:10px;margin:8px 0;padding:0 14px}
.case[open]{padding-bottom:12px}
.case summary{cursor:pointer;padding:9px 0}
.times,.why{color:var(--soft);font-size:.88rem}
.why{display:block}
.mark{font-size:.75rem;border:1px solid currentColor;border-radius:6px;padding:1px 7px;margin-right:4px;color:var(--soft)}
.mark.rule_breaks,.mark.regressed{color:var(--bad)}
.mark.fixed{color:var(--good)}
.mark.flaky,.mark.still_failing,.mark.errors{color:var(--fair)}
blockquote{margin:4px 0;padding:8px 12px;border-left:3px solid var(--link);background:var(--panel);white-space:pre-wrap}
.problem{margin:4px 0;padding:8px 12px;border-left:3px solid var(--bad);background:var(--bad-back)}
.versions{display:grid;gap:12px;margin:12px 0}
.versions.two{grid-template-columns:1fr 1fr}
.version{background:var(--panel);border-radius:8px;padding:2px 12px 10px}
.answer{white-space:pre-wrap;margin:4px 0}
.plain{margin:0;padding-left:18px;font-size:.88rem}
code{font:.85rem ui-monospace,monospace;background:var(--panel);padding:2px 6px;border-radius:4px}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}
thead th{color:var(--soft);font-weight:600}
tbody th{font-weight:500;min-width:9rem}
.heat td{white-space:nowrap}
.good{background:var(--good-back);color:var(--good)}
.fair{background:var(--fair-back);color:var(--fair)}
.poor{background:var(--bad-back);color:var(--bad)}
.few{color:var(--soft)}
footer{margin-top:32px;border-top:1px solid var(--line);padding-top:16px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (max-width:900px){.tiles{grid-template-columns:1fr 1fr}.tile h2{min-height:0}.charts,.versions.two{grid-template-columns:1fr}}
@media (max-width:480px){.tiles{grid-template-columns:1fr}h1{font-size:1.25rem}}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--line:#bbb}body{font-size:11px}main{max-width:none;padding:0}nav,.again{display:none}.tile,.case,figure{break-inside:avoid}details.case>*{display:block}}
`;
