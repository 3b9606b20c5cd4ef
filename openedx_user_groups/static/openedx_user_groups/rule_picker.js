// The dialog in which a criterion is picked: by theme, or by what one types.

import { word } from "./rule_words.js";

const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// How well a criterion fits what was typed: 0 is best, and Infinity not at all.
function rank(type, typed) {
  if (type.title.toLowerCase() === typed.trim().toLowerCase()) return 0;
  return Math.max(1, ...wordsOf(typed).map((wanted) => rankOfWord(type, wanted)));
}

function rankOfWord(type, wanted) {
  const begins = (text) => wordsOf(text).some((each) => each.startsWith(wanted));
  if (begins(type.title)) return 1;
  if (type.title.toLowerCase().includes(wanted)) return 2;
  if (begins(`${type.theme} ${type.keywords}`)) return 3;
  return begins(`${type.summary} ${type.name}`) ? 4 : Infinity;
}

export class Picker {
  constructor(dialog, types) {
    this.dialog = dialog;
    this.search = dialog.querySelector("[data-picker-search]");
    this.list = dialog.querySelector("[data-picker-list]");
    this.#fill(types);
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    this.search.addEventListener("input", () => this.#narrow());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.#best()?.click();
      }
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  // Let somebody pick one; nothing happens when they do not.
  pick(picked) {
    this.picked = picked;
    this.search.value = "";
    this.#narrow();
    this.dialog.showModal();
    this.search.focus();
  }

  #fill(types) {
    this.sections = [...new Set(types.map((type) => type.theme))].map((theme) => {
      const section = document.createElement("section");
      const heading = document.createElement("h3");
      heading.textContent = theme;
      const list = document.createElement("ul");
      const items = types.filter((type) => type.theme === theme).map((type) => this.#item(type));
      section.append(heading, list);
      return { section, list, items };
    });
  }

  #item(type) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const [title, summary] = [document.createElement("strong"), document.createElement("span")];
    title.textContent = type.title;
    summary.textContent = type.unavailable || type.summary;
    button.type = "button";
    button.disabled = Boolean(type.unavailable);
    button.append(title, summary);
    button.addEventListener("click", () => {
      this.dialog.close();
      this.picked(type);
    });
    item.append(button);
    return { item, type };
  }

  // What Enter takes: the first that is shown.
  #best() {
    return this.list.querySelector("li:not([hidden]) button:not([disabled])");
  }

  // Show what fits, the best first; in their own order where nothing is typed.
  #narrow() {
    const ranked = this.sections.map(({ section, list, items }) => {
      const fitting = items.map(({ item, type }) => ({ item, rank: rank(type, this.search.value) }));
      for (const each of fitting) each.item.hidden = each.rank === Infinity;
      const best = [...fitting].sort((one, other) => compared(one.rank, other.rank));
      list.replaceChildren(...best.map(({ item }) => item));
      section.hidden = best[0].item.hidden;
      return { section, rank: best[0].rank };
    });
    this.list.replaceChildren(...ranked.sort((one, other) => compared(one.rank, other.rank)).map(({ section }) => section));
    const shown = this.list.querySelectorAll("li:not([hidden])").length;
    this.dialog.querySelector("[data-picker-found]").textContent = word("found", { number: shown });
    this.dialog.querySelector("[data-picker-nothing]").hidden = shown > 0;
  }
}

// Infinity less Infinity is not a number.
const compared = (one, other) => (one === other ? 0 : one - other);
