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
