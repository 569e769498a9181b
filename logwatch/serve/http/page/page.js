// Fetches the page again and puts the new one in place of the old. Without it, the page reloads itself.
"use strict";

const PERIOD = 15000;
let answered = new Date();

function opened() {
  return new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
}

function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const live = fresh.getElementById("live");
  if (!live) return;
  const open = opened();
  const focused = document.activeElement && (document.activeElement.id || document.activeElement.parentElement?.id);
  for (const one of live.querySelectorAll("details")) one.open = open.has(one.id);
  const before = document.getElementById("live");
  if (live.dataset.said !== before.dataset.said) document.getElementById("spoken").textContent = live.dataset.said;
  before.replaceWith(document.adoptNode(live));
  document.title = fresh.title;
  document.querySelector("link[rel=icon]").href = fresh.querySelector("link[rel=icon]").getAttribute("href");
  const again = focused && document.getElementById(focused);
  if (again) (again.querySelector("summary") || again).focus({ preventScroll: true });
}

async function refresh() {
  const silence = document.getElementById("silence");
  const reading = !document.getSelection().isCollapsed; // somebody is about to copy a line
  if (document.hidden || reading) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PERIOD) });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
    answered = new Date();
    silence.hidden = true;
  } catch {
    silence.querySelector("span").textContent = answered.toLocaleTimeString();
    silence.hidden = false;
  }
}

setInterval(refresh, PERIOD);
document.addEventListener("visibilitychange", refresh);
