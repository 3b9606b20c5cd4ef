// A field for a list of values: chosen ones with a button to take each out, and those that are suggested.

import { part, word } from "./rule_words.js";

const WAIT = 250;
// The titles of values that were suggested once, by field.
const titles = new Map();

export class Suggestions {
  constructor(address, criterion, key) {
    this.address = address;
    this.criterion = criterion;
    this.key = key;
  }

  // Values with titles; none where they cannot be had, for one may type them as well.
  async find(search) {
    const query = new URLSearchParams({ criterion: this.criterion, key: this.key, search });
    try {
      const answer = await fetch(`${this.address}?${query}`, { headers: { Accept: "application/json" } });
      const found = answer.ok && answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).values : [];
      for (const { value, title } of found) titles.set(this.#name(value), title);
      return found;
    } catch {
      return [];
    }
  }

  title(value) {
    return titles.get(this.#name(value)) ?? String(value);
  }

  #name(value) {
    return `${this.criterion} ${this.key} ${value}`;
  }
}

// The field; `changed` gets the new list.
export function valuesField({ label, values, suggestions, changed }) {
  const field = part("values").firstElementChild;
  const at = (name) => field.querySelector(`[data-${name}]`);
  const [search, offered, chosen] = [at("search"), at("offered"), at("chosen")];
  let list = [...values];
  let asked = 0;
  let timer;
  field.querySelector("legend").textContent = label;
  at("search-label").textContent = `${label}: ${at("search-label").textContent}`;

  const title = (value) => suggestions?.title(value) ?? String(value);

  function show() {
    chosen.replaceChildren(
      ...list.map((value) => {
        const item = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = title(value);
        const button = document.createElement("button");
        button.type = "button";
        button.className = "act";
        button.setAttribute("aria-label", word("remove", { value: title(value) }));
        button.textContent = "✕";
        button.addEventListener("click", () => {
          change(list.filter((other) => other !== value));
          search.focus();
        });
        item.append(name, button);
        return item;
      }),
    );
    for (const option of offered.querySelectorAll("button")) {
      option.setAttribute("aria-pressed", String(list.includes(option.value)));
    }
  }

  function change(next) {
    list = next;
    show();
    changed([...list]);
  }

  const toggle = (value) => change(list.includes(value) ? list.filter((other) => other !== value) : [...list, value]);

  async function offer() {
    if (!suggestions) return;
    const number = (asked += 1);
    const found = await suggestions.find(search.value.trim());
    if (number !== asked || !field.isConnected) return;
    offered.replaceChildren(
      ...found.map(({ value, title: name }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.value = value;
        button.textContent = name;
        button.addEventListener("click", () => toggle(value));
        item.append(button);
        return item;
      }),
    );
    offered.hidden = !found.length;
    show();
  }

  // What is still on its way is not shown any more.
  function close() {
    clearTimeout(timer);
    asked += 1;
    offered.hidden = true;
  }

  function take() {
    const typed = search.value.trim();
    if (!typed) return;
    const option = [...offered.querySelectorAll("button")].find(
      (button) => [button.value, button.textContent].some((text) => text.toLowerCase() === typed.toLowerCase()),
    );
    const value = option?.value ?? typed;
    search.value = "";
    close();
    if (!list.includes(value)) change([...list, value]);
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, WAIT);
  });
  search.addEventListener("focus", () => {
    if (offered.hidden) offer();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      // It would send the form.
      event.preventDefault();
      take();
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "ArrowDown") {
      offer();
    } else if (event.key === "Backspace" && !search.value && list.length) {
      change(list.slice(0, -1));
    }
  });
  field.addEventListener("focusout", (event) => {
    if (!field.contains(event.relatedTarget)) close();
  });
  at("take").addEventListener("click", () => {
    take();
    search.focus();
  });

  show();
  const unnamed = suggestions ? list.filter((value) => title(value) === value).slice(0, 10) : [];
  if (unnamed.length) Promise.all(unnamed.map((value) => suggestions.find(value))).then(show);
  return field;
}
