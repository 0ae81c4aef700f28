/**
 * The style of the HTML page: light or dark by the reader's system, for screens, phones and paper. All text has a contrast of at
 * least 4.5, and numbers do not break at the end of a line.
 */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f5f7fa; --card: #ffffff; --ink: #18212c; --quiet: #566273; --line: #dbe1e8; --focus: #0069c8;
  --bad: #b42318; --bad-paper: #fff4f2; --bad-line: #f0b8b2; --warn: #8a5200; --good: #17703f; --calm: #22579f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11151b; --card: #19202a; --ink: #e6eaf0; --quiet: #a0abb9; --line: #2d3643; --focus: #6cb6ff;
    --bad: #ff9088; --bad-paper: #2a1b1c; --bad-line: #6e3330; --warn: #f0b14a; --good: #5cc98f; --calm: #8dbaf7;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; overflow-wrap: break-word;
}
main { max-width: 68rem; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
h3 { font-size: .95rem; font-weight: 600; margin: 0; }
p { margin: .25rem 0; }
a { color: var(--calm); }
code, .id, table.fields td, .shortly, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .87em; }
.quiet { color: var(--quiet); }
.figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .75rem 1rem; }
.card + .card { margin-top: .75rem; }
.bad { border-color: var(--bad-line); background: var(--bad-paper); }
.bad h2, .bad strong { color: var(--bad); }
.bad h2 { margin: 0; }
section.bad { border-left: 6px solid var(--bad); margin: 1rem 0; }
pre { white-space: pre-wrap; margin: .5rem 0 0; }
.made { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: 0; color: var(--quiet); font-size: .9em; }
.made div { display: flex; gap: .35rem; }
.made dd { margin: 0; color: var(--ink); white-space: nowrap; }
.short { display: flex; flex-wrap: wrap; gap: 0 2rem; margin-top: 1.25rem; }
.size { font-size: 1.35rem; font-weight: 650; margin: 0; }
.size .quiet { font-weight: 400; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); gap: .75rem; list-style: none; margin: 1rem 0 0; padding: 0; }
.tiles .card { margin: 0; }
.tiles p { margin: 0; color: var(--quiet); }
.tiles p.kind { color: var(--ink); font-weight: 600; }
.tiles ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .35rem 0 0; padding: 0; }
.badge { font-weight: 600; font-size: .87em; white-space: nowrap; }
.badge::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%; background: currentColor; margin-right: .45em; }
.badge.delete, .badge.replace, .badge.vanish { color: var(--bad); }
.badge.update, .badge.drift { color: var(--warn); }
.badge.create, .badge.import { color: var(--good); }
.badge.forget, .badge.read { color: var(--calm); }
ul.lines { list-style: none; margin: 0; padding: 0 1rem; }
ul.lines > li { display: flex; gap: .25rem .75rem; align-items: baseline; padding: .55rem 0; border-top: 1px solid var(--line); }
ul.lines.bad > li { border-top-color: var(--bad-line); }
ul.lines > li:first-child { border-top: 0; }
ul.lines > li > div { flex: 1; min-width: 0; }
ul.lines > li > .badge { flex: 0 0 6.25rem; }
ul.lines p { margin: 0; }
button, input, select { font: inherit; color: inherit; }
button { background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: .25rem .7rem; cursor: pointer; }
button:hover { border-color: var(--quiet); }
button .figure { color: var(--quiet); margin-left: .2rem; }
button[aria-pressed="true"], button[aria-pressed="true"] .figure { background: var(--ink); color: var(--paper); border-color: var(--ink); }
button.link { border: 0; background: none; padding: .1rem .25rem; color: var(--calm); text-decoration: underline; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .6rem 0; position: sticky; top: 0; background: var(--paper); z-index: 1; }
.tools input[type="search"] { flex: 1 1 16rem; min-width: 0; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: 7px; background: var(--card); }
.tools input::placeholder { color: var(--quiet); opacity: 1; }
.tools select { padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 7px; background: var(--card); max-width: 16rem; }
#only { border-color: var(--calm); max-width: 100%; text-align: left; }
#list { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
#list:empty::after { content: "No change matches."; display: block; padding: 1rem; color: var(--quiet); }
#list details { border-top: 1px solid var(--line); }
#list details:first-child { border-top: 0; }
#list summary { display: flex; gap: .25rem .75rem; align-items: baseline; padding: .4rem .75rem; cursor: pointer; }
#list summary:hover { background: var(--paper); }
#list summary:focus-visible { outline-offset: -2px; }
#list summary.danger { box-shadow: inset 4px 0 0 var(--bad); }
#list summary .badge { flex: 0 0 6.25rem; }
#list summary .id { font-weight: 600; min-width: 0; }
#list summary .quiet { white-space: nowrap; }
#list summary .shortly { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; min-width: 0; }
.body { padding: .25rem 1rem 1rem 2.5rem; }
.note { color: var(--bad); }
table.fields { border-collapse: collapse; margin-top: .5rem; }
table.fields th, table.fields td { text-align: left; vertical-align: top; padding: .3rem 1.5rem .3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
table.fields tbody tr:last-child > * { border-bottom: 0; }
table.fields thead th { color: var(--quiet); font-size: .87em; }
table.fields tbody th { white-space: nowrap; }
td.before { color: var(--bad); } td.after { color: var(--good); } td.none { color: var(--quiet); }
td.desired { color: var(--good); } td.reported:not(.none) { color: var(--warn); }
table.fields td { overflow-wrap: anywhere; }
#more { margin-top: .75rem; }
[hidden] { display: none !important; }
@media (max-width: 40rem) {
  body { padding-top: 1.25rem; }
  .tools { position: static; }
  .tiles { grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .5rem; }
  .tiles .card { padding: .6rem .75rem; }
  ul.lines > li, #list summary { flex-wrap: wrap; }
  ul.lines > li > div { flex-basis: 100%; order: 1; }
  ul.lines > li > .badge { flex: 1; }
  ul.lines.bad > li > .link { order: 2; }
  ul.lines > li > .link { padding-left: 0; }
  #list summary .shortly { flex-basis: 100%; }
  .body { padding-left: 1rem; }
  table.fields, table.fields tbody, table.fields tr, table.fields tbody > tr > * { display: block; }
  table.fields thead { display: none; }
  table.fields tbody > tr > * { border: 0; padding: 0; }
  table.fields tbody > tr > th { font-weight: 600; padding-top: .4rem; }
  table.fields td.desired::before { content: "desired: "; } table.fields td.reported::before { content: "reported: "; }
  table.fields td.before::before { content: "− "; } table.fields td.after::before { content: "+ "; }
}
@media print { .tools, #more, button.link { display: none; } body { background: none; } }
`;
