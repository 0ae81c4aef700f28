/** The style of the HTML page: light or dark as the reader's system has it, and fit for paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f7f8fa; --card: #ffffff; --ink: #1c2430; --quiet: #5c6878; --line: #dde2e9; --focus: #0069c8;
  --bad: #b42318; --bad-paper: #fef3f2; --bad-line: #f3c0bb; --warn: #9a5b00; --good: #1a7f4b; --calm: #2a5ea8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --card: #1a2029; --ink: #e5e9ef; --quiet: #9aa6b5; --line: #2c3542; --focus: #6cb6ff;
    --bad: #ff8b80; --bad-paper: #2a1a1b; --bad-line: #6b2f2c; --warn: #f0b14a; --good: #5cc98f; --calm: #86b4f5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif;
}
main { max-width: 72rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .75rem; }
p { margin: .25rem 0; }
code, .id, td, .short, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .86em; }
code, td, .id { overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; }
.danger-card { border-color: var(--bad-line); background: var(--bad-paper); }
.danger-card h3, .danger-card strong { margin: 0; font-size: 1rem; color: var(--bad); }
ul.danger-card { list-style: none; margin: 0; padding: .25rem 1rem; }
ul.danger-card li { padding: .5rem 0; border-top: 1px solid var(--bad-line); }
ul.danger-card li:first-child { border-top: 0; }
ul.danger-card p { margin: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0; }
table.counts { margin-top: 1rem; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table.counts th, table.counts td { padding: .35rem .9rem; text-align: right; font-variant-numeric: tabular-nums; }
table.counts th:first-child { text-align: left; font-weight: 500; }
table.counts thead th { color: var(--quiet); font-weight: 500; font-size: .85em; border-bottom: 1px solid var(--line); }
table.counts td { font: inherit; }
table.counts .zero { color: var(--quiet); opacity: .5; }
ul.groups { list-style: none; margin: 0; padding: 0 1rem; }
ul.groups li { display: grid; grid-template-columns: 6.5rem 1fr auto; gap: .25rem .75rem; align-items: baseline; padding: .5rem 0; border-top: 1px solid var(--line); }
ul.groups li:first-child { border-top: 0; }
button, input, select { font: inherit; color: inherit; }
button { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .7rem; cursor: pointer; }
button:hover { border-color: var(--quiet); }
button[aria-pressed="true"] { background: var(--ink); color: var(--paper); border-color: var(--ink); }
button.link { border: 0; background: none; padding: 0; color: var(--calm); text-decoration: underline; white-space: nowrap; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .6rem 0; position: sticky; top: 0; background: var(--paper); z-index: 1; }
.tools input[type="search"] { flex: 1 1 16rem; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
.tools select { padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); max-width: 16rem; }
#only { border-color: var(--calm); max-width: 100%; overflow-wrap: anywhere; }
#list { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
#list:empty::after { content: "Nothing matches."; display: block; padding: 1rem; color: var(--quiet); }
#list details { border-top: 1px solid var(--line); }
#list details:first-child { border-top: 0; }
#list summary { display: flex; gap: .75rem; align-items: baseline; padding: .4rem .75rem; cursor: pointer; }
#list summary:hover { background: color-mix(in srgb, var(--ink) 4%, transparent); }
#list summary:focus-visible { outline-offset: -2px; }
#list summary.danger { box-shadow: inset 3px 0 0 var(--bad); }
#list summary .id { font-weight: 600; }
#list summary .short { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; min-width: 0; }
.badge { flex: none; width: 6rem; font-size: .8em; font-weight: 600; }
.badge::before { content: ""; display: inline-block; width: .55em; height: .55em; border-radius: 50%; background: currentColor; margin-right: .5em; }
.badge.delete, .badge.replace, .badge.vanish { color: var(--bad); }
.badge.update, .badge.drift { color: var(--warn); }
.badge.create, .badge.import { color: var(--good); }
.badge.forget, .badge.read { color: var(--calm); }
.body { padding: .25rem 1rem 1rem 2.5rem; }
.note { color: var(--bad); }
table.fields { border-collapse: collapse; margin-top: .5rem; }
table.fields th, table.fields td { text-align: left; vertical-align: top; padding: .25rem 1.25rem .25rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
table.fields tr:first-child th { color: var(--quiet); font-size: .85em; }
td.before { color: var(--bad); } td.after { color: var(--good); } td.none { color: var(--quiet); }
#more { margin-top: .75rem; }
[hidden] { display: none !important; }
@media (max-width: 40rem) { ul.groups li { grid-template-columns: 1fr; } #list summary { flex-wrap: wrap; } #list summary .short { flex-basis: 100%; } }
@media print { .tools, #more, button.link { display: none; } body { background: none; } }
`;
