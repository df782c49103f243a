"use strict";

// Light or dark by hand, kept in a cookie so that the next page comes in it at once.
const button = document.querySelector("[data-theme-switch]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    document.cookie = `alexandria-theme=${root.dataset.theme}; path=/; max-age=31536000; SameSite=Strict`;
  });
}

// The panels are fetched again every few seconds while somebody looks, and only what changed is replaced: never what
// has the focus or an open part, so that nothing is taken from under a hand.
const panels = document.querySelector("[data-live]");
const PAUSE = 5000;
let stopped = false;

async function refresh() {
  if (stopped || document.hidden) return;
  const answer = await fetch(panels.dataset.live, { cache: "no-store" });
  if (answer.redirected) return location.reload(); // to the login
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const sections = [...fresh.querySelectorAll("[data-panel]")];
  const known = new Set(sections.map((section) => section.id));
  for (const old of panels.querySelectorAll("[data-panel]")) {
    if (!known.has(old.id)) old.remove();
  }
  let before = null;
  for (const section of sections) {
    const old = document.getElementById(section.id);
    if (!old) {
      before ? before.after(section) : panels.prepend(section);
      before = section;
    } else if (old.outerHTML === section.outerHTML || old.contains(document.activeElement) || old.querySelector("details[open]")) {
      before = old;
    } else {
      const scrolled = [...old.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      old.replaceWith(section);
      section.querySelectorAll(".scroll").forEach((each, number) => { each.scrollLeft = scrolled[number] || 0; });
      before = section;
    }
  }
}

async function goOn() {
  try {
    await refresh();
    panels.removeAttribute("data-stale");
  } catch {
    panels.setAttribute("data-stale", "");
  }
  setTimeout(goOn, PAUSE);
}

if (panels) {
  setTimeout(goOn, PAUSE);
  const stop = document.querySelector("[data-live-switch]");
  stop.hidden = false;
  stop.addEventListener("click", () => {
    stopped = !stopped;
    stop.textContent = stopped ? "Go on updating" : "Stop updating";
  });
}
