// The look of the page: calm by day and by night, on paper and on a telephone. Hosts are h0 to h7; each sets --c.
#pragma once

namespace shstore::status {

/// Holds neither '<' nor '&', so that it can stand in XML as it is.
inline constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--text:#1b232d;--muted:#5a6572;--line:#dde2e8;--track:#e9edf1;
--bad:#a8201a;--bad-bg:#fdeeec;--warn:#805300;--warn-bg:#fdf4e3;--good:#1d6b47;--good-bg:#eaf6ef;--unknown:#8b95a1;--wait:#c77700}
@media (prefers-color-scheme:dark){:root{--bg:#101419;--card:#181e25;--text:#e4e9ef;--muted:#9aa6b3;--line:#2a323c;--track:#222a33;
--bad:#ff8f85;--bad-bg:#3a1917;--warn:#f3bd62;--warn-bg:#33270f;--good:#83d8ac;--good-bg:#14291f;--unknown:#76818d;--wait:#f0a030}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:20px 20px 40px}
header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:2px 16px;margin-bottom:14px}
h1{font-size:21px;margin:0;font-weight:650}
h2{font-size:13px;margin:30px 0 10px;font-weight:650;color:var(--muted);text-transform:uppercase;letter-spacing:.06em}
h3{font-size:15px;margin:0;font-weight:650}
p,ul{margin:0;padding:0}ul{list-style:none}
time,.num{font-variant-numeric:tabular-nums}
.muted,.small{color:var(--muted)}.small{font-size:13px}
code{font:12.5px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.verdict{padding:12px 16px;border-radius:8px;font-size:17px;font-weight:600}
.verdict .rest{font-weight:400;font-size:15px;display:block}
.good{background:var(--good-bg);color:var(--good)}.bad{background:var(--bad-bg);color:var(--bad)}
.warn{background:var(--warn-bg);color:var(--warn)}
.verdict .rest{color:var(--text)}
.problems li{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--warn);border-radius:8px;padding:10px 14px;
margin-top:8px}
.problems li.crit{border-left-color:var(--bad)}
.problems .what{font-weight:650}.problems .crit .what{color:var(--bad)}.problems .other .what{color:var(--warn)}
.problems .where{font-weight:400;color:var(--text)}
.drives{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:10px}
.many .drives{grid-template-columns:repeat(auto-fill,minmax(205px,1fr))}
.drive{background:var(--card);border:1px solid var(--line);border-left:6px solid var(--line);border-radius:8px;padding:10px 13px}
.drive.held{border-left-color:var(--c)}.drive.notknown{border-left:6px dashed var(--unknown)}
.drive h3{display:flex;justify-content:space-between;gap:8px;color:var(--muted);font-size:13.5px}
.drive .who{font-size:19px;font-weight:650;line-height:1.3;margin:1px 0}
.drive.free .who{font-weight:400;color:var(--muted)}.drive.notknown .who{color:var(--muted);font-style:italic;font-weight:500}
.drive .wait{color:var(--warn);font-size:13.5px}
.drive .id{margin-top:5px;font-size:12.5px;color:var(--muted)}
.pill{background:var(--warn-bg);color:var(--warn);border-radius:9px;padding:0 8px;font-size:12px;white-space:nowrap}
.pill.crit{background:var(--bad-bg);color:var(--bad)}
.changer{margin:14px 0 8px;color:var(--muted);font-size:13.5px}
.waits li,.hosts article{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;margin-bottom:8px}
.waits b{font-weight:650}
.chip{width:12px;height:12px;vertical-align:-1px;margin-right:6px;flex:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin-bottom:10px;font-size:13px}
.legend span,.label,.pill,h1,h3{min-width:0}
.day{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 16px 8px}
.row{display:grid;grid-template-columns:120px 1fr;gap:12px;align-items:center;padding:2px 0}
.row .label{font-size:12.5px;line-height:1.15;text-align:right;overflow:hidden;max-height:2.3em}
svg{display:block}svg.chip{display:inline-block}
.bar,.axis{width:100%}.axis{overflow:visible}
.axis text{fill:var(--muted);font-size:11px;text-anchor:middle}
.track{fill:var(--track)}.tick{stroke:var(--card);stroke-width:1;opacity:.8}.tick.six{stroke-width:2}
.ink{fill:var(--c)}.unknown{fill:url(#hatch)}.hatch-line{stroke:var(--unknown);stroke-width:1.6}
.dots{fill:url(#dots)}.lines{fill:url(#lines)}.grid{fill:url(#grid)}.pat{fill:#fff;stroke:#fff;opacity:.27}
.bar text{fill:#fff;font-size:12px;font-weight:600;paint-order:stroke;stroke:var(--c);stroke-width:3px;stroke-linejoin:round}
.waiting{fill:var(--wait)}.lost{fill:var(--bad)}
.hosts{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:10px}
.hosts article{margin:0}
.hosts li{border-top:1px solid var(--line);margin-top:7px;padding-top:6px;font-size:13.5px}
.hosts code{color:var(--muted);display:block}
.dead{color:var(--bad);font-weight:600}
footer{margin-top:26px}
.words{margin-top:10px;font-size:13px}.words summary{cursor:pointer;color:var(--muted)}.words h3{font-size:13px;margin:8px 0 2px}
.live{position:fixed;right:12px;bottom:12px;display:flex;gap:10px;align-items:center;max-width:calc(100% - 24px);z-index:1}
#alarm:not(:empty){background:var(--bad-bg);color:var(--bad);border:1px solid currentColor;border-radius:8px;padding:6px 12px;font-weight:600}
#pause{font:inherit;font-size:13px;padding:4px 12px;border-radius:8px;border:1px solid var(--muted);background:var(--card);color:var(--text);cursor:pointer}
#pause[hidden]{display:none}.stale main{filter:grayscale(1)}
:focus-visible{outline:3px solid var(--wait);outline-offset:2px}
.h0{--c:#33669f}.h1{--c:#8a6110}.h2{--c:#257368}.h3{--c:#84529a}.h4{--c:#a4476c}.h5{--c:#5a7030}.h6{--c:#566473}.h7{--c:#7b563f}
@media (max-width:640px){
main{padding:14px 12px 30px}h1{font-size:18px}h2{margin-top:24px}
.drives,.many .drives,.hosts{grid-template-columns:1fr}
.many .drives{grid-template-columns:repeat(auto-fill,minmax(152px,1fr))}.many .drive{padding:8px 10px}.many .drive .who{font-size:16px}
.row{display:block;padding:3px 0}.row .label{text-align:left}
.narrow,.three{display:none}.day{padding:10px 12px 8px}
}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--text:#000;--muted:#444;--line:#bbb;--track:#eee;--bad:#a00;--bad-bg:#fff;
--warn:#640;--warn-bg:#fff;--good:#040;--good-bg:#fff;--unknown:#888}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}
.drive,.problems li,.row,.hosts article,.waits li{break-inside:avoid}.verdict{border:1px solid currentColor}}
)css";

}  // namespace shstore::status
