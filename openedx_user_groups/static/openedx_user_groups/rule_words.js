// Words and parts that the page has rendered in the language of whoever reads it.

const words = document.querySelector('template[data-part="words"]')?.dataset ?? {};

// A word with its gaps filled: {title} and the like.
export function word(name, gaps = {}) {
  return (words[name] ?? "").replace(/\{(\w+)\}/g, (gap, key) => gaps[key] ?? gap);
}

// A fresh copy of a part.
export function part(name) {
  return document.querySelector(`template[data-part="${name}"]`).content.cloneNode(true);
}
