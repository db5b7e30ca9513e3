#include "report/page.h"

namespace kizu::report {

// Colours come in pairs for light and dark; text on its background has a contrast of at least 4.5 : 1.
const char* const kStyle = R"css(
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1a2230; --soft: #566072; --rule: #dde1e8; --link: #1553b5;
  --before: #66728a; --after: #1657c4; --perlin: #b35c00;
  --up: #17703a; --down: #b3261e; --up-back: #e6f4ea; --down-back: #fbe9e7; --mixed: #8a5a00; --mixed-back: #fdf3dc;
  --quiet-back: #eceff4; --mark: #ffd400; }
@media screen and (prefers-color-scheme: dark) { :root {
  --page: #11151c; --card: #1a2029; --ink: #e7eaf0; --soft: #a3adbd; --rule: #313a48; --link: #8ab4ff;
  --before: #a9b4c6; --after: #6ea5ff; --perlin: #f0a04b;
  --up: #6fd08c; --down: #ff9086; --up-back: #16301f; --down-back: #3a1d1b; --mixed: #f0c060; --mixed-back: #33290f;
  --quiet-back: #232b36; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 1160px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
.brand { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: 0 0 .3em; font-size: 2.1rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 .6em; font-size: 1.35rem; line-height: 1.3; }
h3 { margin: 1.8em 0 .5em; font-size: 1.1rem; }
h4 { margin: 1.2em 0 .5em; font-size: .95rem; color: var(--soft); font-weight: 600; }
h3 small, summary small { color: var(--soft); font-weight: 400; }
p, ul { margin: 0 0 .9em; max-width: 96ch; }
a { color: var(--link); }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; padding-bottom: 14px; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 22px 24px; margin: 0 0 18px; }
.note { color: var(--soft); border-left: 3px solid var(--rule); padding: 2px 0 2px 12px; }
footer { color: var(--soft); font-size: .85rem; padding-bottom: 30px; }
small { font-size: .82rem; }
code { font: .8rem/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

#verdict, .verdict { border-left: 8px solid var(--soft); }
#verdict h2, .verdict h2 { font-size: 1rem; color: var(--soft); font-weight: 600; margin: 0; }
#verdict ul, #verdict ol, .verdict ul { padding-left: 1.2em; }
#verdict li { margin-bottom: .3em; }
.headline { font-size: 1.6rem; line-height: 1.3; font-weight: 700; margin: .15em 0 .6em; }
#verdict.better, .verdict.better { border-left-color: var(--up); } .better .headline { color: var(--up); }
#verdict.worse, .verdict.worse { border-left-color: var(--down); } .worse .headline { color: var(--down); }
#verdict.mixed, .verdict.mixed { border-left-color: var(--mixed); } .mixed .headline { color: var(--mixed); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(185px, 1fr)); gap: 10px; margin: 0 0 1.2em; }
.tile { background: var(--quiet-back); border-radius: 8px; padding: 10px 14px; }
.tile dt { color: var(--soft); font-size: .85rem; }
.tile dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tile small { display: block; color: var(--soft); }

.scroll { overflow-x: auto; margin: 0 0 1em; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .5em; font-size: .9rem; }
th, td { padding: 7px 10px; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--rule); font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: 500; }
th small, td small { display: block; color: var(--soft); font-weight: 400; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.numbers td { white-space: nowrap; } .numbers td small { white-space: normal; }
.overall tbody th { min-width: 190px; }
.types .group th { background: var(--quiet-back); font-weight: 700; border-bottom: 0; }
.types .group small { display: inline; margin-left: .5em; }
.types tbody th { white-space: nowrap; }
.types .after td, .types .after th { font-weight: 700; }
.index td:nth-child(2), .index thead th:nth-child(2) { text-align: left; white-space: normal; min-width: 220px; }
.label { display: none; }
.up { color: var(--up); } .down { color: var(--down); } .same { color: var(--soft); }
.hashes code { display: block; min-width: 260px; } .hashes .file, .settings th { overflow-wrap: anywhere; }
.file { overflow-wrap: anywhere; }
details { border-top: 1px solid var(--rule); padding: 8px 0; }
summary { cursor: pointer; font-weight: 600; }
details .scroll { margin-top: 10px; }

.dumbbells { margin: 0 0 1.6em; }
.dumbbells figcaption { color: var(--soft); font-size: .9rem; margin-bottom: .6em; }
.dumbbells .row { display: grid; grid-template-columns: minmax(90px, 190px) 1fr 190px; gap: 4px 16px; align-items: center;
  padding: 5px 0; }
.dumbbells .name { font-weight: 600; overflow-wrap: anywhere; }
.dumbbells .figures { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.dumbbells small { color: var(--soft); }
.track { position: relative; height: 18px; margin: 0 8px; }
.track::before { content: ""; position: absolute; inset: 8px -8px; background: var(--quiet-back); border-radius: 2px; }
.bar { position: absolute; top: 6px; height: 6px; }
.bar.before { background: var(--before); } .bar.after { background: var(--after); } .bar.perlin { background: var(--perlin); }
.bar.better { background: var(--up); } .bar.worse { background: var(--down); }
.dot { display: inline-block; width: 14px; height: 14px; border-radius: 50%; border: 3px solid var(--before); background: var(--card); }
.dot.after { background: var(--after); border-color: var(--after); }
.dot.perlin { border-radius: 0; border-color: var(--perlin); transform: rotate(45deg) scale(.72); }
.track .dot { position: absolute; top: 2px; margin-left: -7px; }
.key { white-space: nowrap; margin-left: .6em; } .key .dot { vertical-align: -2px; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 20px; }
.chart { margin: 0; max-width: 480px; }
.chart figcaption { font-weight: 600; }
.chart svg { display: block; width: 100%; height: auto; }
.chart text { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--rule); fill: none; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.before { stroke: var(--before); stroke-dasharray: 7 4; }
.line.after { stroke: var(--after); stroke-width: 2.6; }
.line.perlin { stroke: var(--perlin); stroke-dasharray: 2 3; }
.line.learn { stroke: var(--ink); }
.line.faint { opacity: .3; stroke-width: 1; stroke-dasharray: none; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 22px; font-size: .92rem; }
.legend svg { width: 34px; height: 10px; margin-right: 8px; }

.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 18px; }
.gallery.masks { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 14px 12px; }
.item { margin: 0; }
.gallery.broad { grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); }
.panes { display: grid; grid-template-columns: 38fr 62fr; gap: 8px; }
.panes.three { grid-template-columns: repeat(3, 1fr); }
.pane { display: flex; flex-direction: column; min-width: 0; }
.frame { position: relative; flex: 1 0 auto; background: var(--quiet-back); border-radius: 5px; overflow: hidden; }
.pane:last-child .frame, .three .frame { aspect-ratio: 1; flex-grow: 0; }
.frame img, .frame svg { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.pane small { color: var(--soft); line-height: 1.35; margin-top: 5px; }
.outline, .box { fill: none; stroke: var(--mark); stroke-width: 1.5; stroke-linecap: square; vector-effect: non-scaling-stroke; }
.halo { fill: none; stroke: #000; stroke-opacity: .4; stroke-width: 3; stroke-linecap: square; vector-effect: non-scaling-stroke; }
.three .pane:not(:first-child) .outline { stroke: #19e3ff; stroke-width: 1; } .three .pane:not(:first-child) .halo { display: none; }
.frame:hover svg, body:has(#outlines:not(:checked)) #pairs .frame svg { opacity: 0; }
figcaption { font-size: .88rem; overflow-wrap: anywhere; }
.item figcaption { margin-top: 5px; } .item figcaption small { display: block; color: var(--soft); }
.mask { margin: 0; } .mask .frame { width: 96px; max-width: 100%; border: 1px solid var(--rule); border-radius: 0; }
.mask .frame img { position: static; display: block; height: auto; }
.mask figcaption { color: var(--soft); font-size: .78rem; line-height: 1.3; margin-top: 3px; }
.heatbar { display: inline-block; width: 90px; height: .8em; border-radius: 2px; vertical-align: -1px;
  background: linear-gradient(90deg, #3b0f70, #8c2981, #de4968, #fe9f6d, #fcfdbf); }
.switch label { cursor: pointer; }

@media (max-width: 640px) {
  header, main, footer { padding-left: 12px; padding-right: 12px; }
  section { padding: 16px 14px; border-radius: 8px; }
  h1 { font-size: 1.7rem; } .headline { font-size: 1.3rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile { padding: 9px 11px; } .tile dd { font-size: 1.05rem; white-space: nowrap; } .tile small { white-space: normal; }
  caption span { display: block; max-width: calc(100vw - 56px); }
  .overall tr { display: grid; grid-template-columns: repeat(4, 1fr); border-bottom: 1px solid var(--rule); }
  .overall th, .overall td { border: 0; padding: 4px 3px; }
  .overall tbody th { grid-column: 1 / -1; padding-top: 9px; } .overall thead th:first-child { display: none; }
  th, td { padding: 6px 7px; }
  .index thead { display: none; } .index tr { display: block; border-bottom: 1px solid var(--rule); padding: 6px 0; }
  .index th, .index td, .index td:nth-child(2) { display: block; border: 0; padding: 2px 0; min-width: 0; text-align: left; }
  .index th { font-weight: 700; } .index .label { display: inline-block; min-width: 8.5em; color: var(--soft); }
  .dumbbells .row { grid-template-columns: 1fr auto; } .dumbbells .track { grid-row: 2; grid-column: 1 / -1; }
  .types tbody th, .types thead th:first-child { position: sticky; left: 0; background: var(--card); }
}
@media print {
  @page { size: A4; margin: 14mm; }
  :root { --page: #fff; }
  body { font-size: 10pt; } header, main, footer { max-width: none; padding: 0; }
  nav, .switch { display: none; }
  section { border: 0; border-radius: 0; padding: 0; margin: 0 0 8mm; }
  #verdict { padding-left: 4mm; }
  h2, h3, h4, caption, summary { break-after: avoid; }
  figure, tr, .tile, .types tbody { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 8.5pt; } th, td { padding: 3px 5px; }
  .types { font-size: 7.5pt; }
  .gallery { grid-template-columns: repeat(3, 1fr); gap: 4mm; } .gallery.broad { grid-template-columns: repeat(2, 1fr); } .gallery.masks { grid-template-columns: repeat(8, 1fr); }
  .charts { grid-template-columns: repeat(3, 1fr); gap: 5mm; }
  #settings details::details-content { content-visibility: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace kizu::report
