// The one script of the page that shstore-status --serve shows: it reads the page anew and puts into the old one what has changed,
// so that focus, selection and what is folded out stay; and it writes times in the reader's zone, with UTC beside.
#pragma once

#include <string_view>

namespace shstore::status::serve {

inline constexpr std::string_view kLiveScript = R"js("use strict";
(() => {
const EVERY = 2000, PATIENCE = 8000;
const two = n => String(n).padStart(2, "0");
const hm = d => two(d.getHours()) + ":" + two(d.getMinutes());
const day = d => d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate());
const hms = d => hm(d) + ":" + two(d.getSeconds());
const inUtc = d => d.getTimezoneOffset() === 0;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time zone";

// The moment in words as the page has it for UTC: with its day where that is not today.
function moment(d, now) {
  return (day(d) === day(now) ? "" : d.toLocaleDateString("en-GB", {day: "numeric", month: "short"}) + " ") + hm(d);
}
function localize(doc) {
  const taken = doc.querySelector("header time");
  const now = new Date(taken ? taken.dateTime : Date.now());
  for (const t of doc.querySelectorAll("time")) {
    const d = new Date(t.dateTime), utc = t.textContent.trim().replace(/ UTC$/, "");
    if (isNaN(d)) continue;
    const mine = t === taken ? day(d) + " " + hms(d) : moment(d, now);
    t.textContent = inUtc(d) ? utc + " UTC" : mine + " (" + (t === taken ? utc.slice(11) : utc) + " UTC)";
  }
  if (inUtc(now)) return;
  for (const t of doc.querySelectorAll("[data-from]")) {
    const a = new Date(t.dataset.from), b = new Date(t.dataset.until);
    t.textContent += "\n(" + moment(a, now) + " to " + (b < now ? moment(b, now) : "now") + " in " + zone + ")";
  }
  for (const row of doc.querySelectorAll(".hours")) {
    const mine = row.cloneNode(true);
    mine.classList.remove("hours");
    mine.querySelector(".label").textContent = zone.split("/").pop().replace(/_/g, " ");
    for (const t of mine.querySelectorAll("text[data-at]")) t.textContent = hm(new Date(t.dataset.at));
    row.before(mine);
  }
  const words = doc.querySelector("#zone");
  if (words) words.textContent = "Times are in " + zone + ", with UTC beside.";
}

// `old` becomes like `made`; nodes that stay the same stay.
function follow(old, made) {
  if (old.nodeType !== made.nodeType || old.nodeName !== made.nodeName) { old.replaceWith(made); return; }
  if (old.nodeType !== 1) { if (old.data !== made.data) old.data = made.data; return; }
  for (const {name} of [...old.attributes]) if (name !== "open" && !made.hasAttribute(name)) old.removeAttribute(name);
  for (const {name, value} of made.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const before = [...old.childNodes], after = [...made.childNodes];
  after.forEach((node, i) => i < before.length ? follow(before[i], node) : old.append(node));
  before.slice(after.length).forEach(node => node.remove());
}

const main = document.querySelector("main"), pause = document.querySelector("#pause"), alarm = document.querySelector("#alarm");
let paused = false, busy = false, last = new Date();
async function refresh() {
  if (paused || busy || document.hidden) return;
  busy = true;
  const late = new AbortController(), clock = setTimeout(() => late.abort(), PATIENCE);
  try {
    const answer = await fetch("/", {cache: "no-store", signal: late.signal});
    if (!answer.ok) throw new Error(answer.status);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    localize(made);
    if (!paused) follow(main, made.querySelector("main"));
    document.title = made.title;
    last = new Date();
    document.body.classList.remove("stale");
    if (alarm.textContent) alarm.textContent = "";
  } catch (e) {
    document.body.classList.add("stale");
    const said = "shstore-status does not answer. This is how things were at " + hms(last) + ".";
    if (alarm.textContent !== said) alarm.textContent = said;
  } finally {
    clearTimeout(clock);
    busy = false;
  }
}
pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  refresh();
});
document.addEventListener("visibilitychange", refresh);
localize(document);
setInterval(refresh, EVERY);
})();
)js";

}  // namespace shstore::status::serve
