"use strict";

// What may be meant while it is typed: a combobox over /api/autocomplete. Without it the form works as it is.
for (const box of document.querySelectorAll("[data-suggest]")) {
  const input = box.querySelector("input");
  const list = document.createElement("ul");
  let asked = 0;
  let timer = 0;
  let active = -1;

  list.className = "suggestions";
  list.id = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Works that may be meant");
  box.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    input.setAttribute(name, value);
  }

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (place) => {
    active = place;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[place].id);
  };
  const show = (works) => {
    list.replaceChildren(...works.map((work, index) => {
      const item = document.createElement("li");
      const title = document.createElement("bdi");
      const authors = document.createElement("small");
      title.textContent = work.title ?? work.key;
      authors.textContent = work.authors.join(", ");
      item.append(title, authors);
      item.id = `suggestion-${index}`;
      item.dataset.href = `/works/${encodeURIComponent(work.key)}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      return item;
    }));
    list.hidden = works.length === 0;
    active = -1;
    input.setAttribute("aria-expanded", String(works.length > 0));
    input.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const mine = ++asked;
    const text = input.value.trim();
    if (text.length < 2) return close();
    try {
      const answer = await fetch(`/api/autocomplete?limit=8&q=${encodeURIComponent(text)}`);
      if (answer.ok && mine === asked && document.activeElement === input) show((await answer.json()).results);
    } catch {
      close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") choose(active === last ? -1 : active + 1);
    else if (event.key === "ArrowUp") choose(active === -1 ? last : active - 1);
    else if (event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.href);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-href]");
    if (item) location.assign(item.dataset.href);
  });
}

// A book that was asked for: shown as soon as its job is over.
for (const waiting of document.querySelectorAll("[data-job]")) {
  const look = async () => {
    try {
      const answer = await fetch(waiting.dataset.job);
      const job = answer.ok ? await answer.json() : {};
      if (job.status === "completed") return location.reload();
      if (job.status === "failed") {
        waiting.textContent = "It was asked for, and nobody could tell.";
        return undefined;
      }
    } catch {
      // the next look may succeed
    }
    return setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
}
