# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page of a report looks, and what its filters do."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--fg:#1b1f24;--soft:#59636e;--card:#fff;--line:#d5dae0;--critical:#b3261e;--warning:#8a5a00;--info:#1f5fa8;
--fine:#1d7a3a;--accepted:#5f5b73}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e7eaed;--soft:#a0a9b3;--card:#1d2126;--line:#363d45;--critical:#ff8a80;--warning:#f2b84b;
--info:#86b7f5;--fine:#6bd38a;--accepted:#b9b3d6}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,"Noto Sans","Noto Sans CJK JP",sans-serif}
h1{margin:0;font-size:1.6rem}h2{font-size:1.2rem;margin:0 0 .6rem}h3{font-size:1rem;margin:0 0 .4rem;overflow-wrap:anywhere}
h2 small{color:var(--soft);font-weight:400;font-size:.9rem}
a{color:inherit}li,p,h2,summary{overflow-wrap:anywhere}
header,section,article,.cards li,.filters{background:var(--card);border:1px solid var(--line);border-radius:.5rem}
header,section{padding:1rem;margin:0 0 1rem}
header{border-inline-start:.5rem solid var(--fine)}
header.critical,header.incomplete{border-color:var(--critical)}header.warning{border-color:var(--warning)}header.info{border-color:var(--info)}
.verdict{margin:.2rem 0;font-size:1.2rem}.when{margin:0;color:var(--soft)}
.cards{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:.6rem;padding:0;margin:0 0 1rem}
.cards li{padding:.6rem .8rem}.cards b{display:block;font-size:1.5rem;line-height:1.2}.cards .none b{color:var(--soft)}
.critical>b,td.critical,.cards .incomplete:not(.none) b{color:var(--critical)}.warning>b,td.warning{color:var(--warning)}.info>b,td.info{color:var(--info)}
td.none{color:var(--soft)}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:start;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
thead th{border:0;color:var(--soft);font-weight:400;font-size:.85rem}
.fleet td{text-align:end;font-variant-numeric:tabular-nums}.fleet thead th:not(:first-child){text-align:end}
.fields{table-layout:fixed;margin-bottom:.4rem}.fields th[scope=row]{font-weight:600}
code,pre{font:.9em/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.tag{display:inline-block;padding:0 .5em;border:1px solid currentColor;border-radius:1em;font-size:.8rem;font-weight:600;color:var(--soft)}
.tag.critical,.fleet .tag{color:var(--critical)}.tag.warning{color:var(--warning)}.tag.info{color:var(--info)}.tag.accepted{color:var(--accepted)}
.tag.in_order{color:var(--fine)}
article{padding:.7rem .9rem;margin:0 0 .6rem;border-inline-start:.3rem solid var(--line)}
article.critical{border-inline-start-color:var(--critical)}article.warning{border-inline-start-color:var(--warning)}
article.info{border-inline-start-color:var(--info)}article.accepted{border-inline-start-color:var(--accepted)}
.facts{margin:0;padding-inline-start:1.2rem}.facts i{color:var(--soft);font-style:normal}.facts:empty{display:none}
.id{margin:.3rem 0 0;color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
p.incomplete{color:var(--critical);font-weight:600}
.filters{display:flex;flex-wrap:wrap;gap:.4rem 1rem;padding:.6rem 1rem;margin:0 0 1rem;position:sticky;top:0;align-items:center}
.filters[hidden],[hidden]{display:none}
.filters input[type=search],.filters select{font:inherit;max-width:100%;background:var(--bg);color:inherit;border:1px solid var(--line);border-radius:.3rem}
.trend svg{max-width:100%}rect.critical{fill:var(--critical)}rect.warning{fill:var(--warning)}rect.info{fill:var(--info)}
footer{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
@media(max-width:40rem){body{padding:.5rem}.filters{position:static}.fields thead{display:none}.fields tr,
.fields th,.fields td{display:block;border:0;padding:.1rem 0}
.fields td::before{content:attr(data-name)": ";color:var(--soft)}.fields tr{border-top:1px solid var(--line);padding:.3rem 0}.fleet th,.fleet td{padding:.3rem}
.fleet thead th:not(:first-child){writing-mode:vertical-rl;text-align:start}}
@media print{:root{--bg:#fff;--card:#fff;--fg:#000;--soft:#444;--line:#999;--critical:#8b0000;--warning:#6b4500;--info:#003a78;--fine:#0b5a24}
body{max-width:none;font-size:10pt}.filters{display:none}section,article{break-inside:avoid-page}section.host{break-inside:auto}details>*{display:block}
@page{margin:15mm}}
"""

SCRIPT = """
"use strict";
(() => {
  const form = document.querySelector(".filters");
  const boxes = [...form.querySelectorAll("[data-show]")];
  const site = form.querySelector("select"), search = form.querySelector("[type=search]");
  const apply = () => {
    const shown = new Set(boxes.filter((each) => each.checked).map((each) => each.dataset.show));
    const word = search.value.trim().toLowerCase();
    for (const host of document.querySelectorAll(".host")) {
      host.hidden = Boolean(site.value) && host.id !== site.value;
      for (const each of host.querySelectorAll("article")) {
        each.hidden = !shown.has(each.dataset.show) || (word !== "" && !each.textContent.toLowerCase().includes(word));
      }
    }
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
})();
"""
