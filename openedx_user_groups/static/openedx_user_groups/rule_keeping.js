// What is being built is kept in the browser, so that a login session that ends loses nothing.

const PREFIX = "openedx_user_groups.rule";
// Whoever comes back from logging in is in the middle of it; drafts.js takes this out of the address.
const isResumed = location.hash === "#resumed";
const TYPED = ["name", "description", "tags", "rule"];
// With the revision that was edited, so that somebody else's change is noticed later, too.
const FIELDS = [...TYPED, "revision"];

export class Keeping {
  constructor(form, user) {
    this.form = form;
    this.name = `${PREFIX} ${user} ${location.pathname}`;
    this.offer = form.querySelector("[data-kept]");
    this.first = JSON.stringify(this.#typed());
    form.addEventListener("input", () => this.keep());
    form.addEventListener("submit", () => this.keep(true));
    form.querySelector("[data-forget]")?.addEventListener("click", () => this.forget());
  }

  // Keep what is typed now; ``sent`` says that it is on its way.
  keep(sent = false) {
    const typed = this.#typed();
    if (!sent && JSON.stringify(typed) === this.first) return;
    save(this.name, { ...typed, time: Date.now(), sent });
  }

  forget() {
    save(this.name, null);
    this.offer.hidden = true;
  }

  // Offer what was kept, unless it is what is there anyway; ``taken`` gets it when somebody wants it. Who comes back
  // from logging in need not be asked.
  offerAgain(taken) {
    const kept = load(this.name);
    if (!kept || TYPED.every((name) => (kept[name] ?? "") === (this.#typed()[name] ?? ""))) return;
    this.#unfold(kept);
    if (isResumed) {
      this.#take(kept, taken);
      this.form.prepend(document.getElementById("draft-is-back").content.cloneNode(true));
      return;
    }
    const time = this.offer.querySelector("[data-kept-time]");
    time.dateTime = new Date(kept.time).toISOString();
    time.textContent = new Date(kept.time).toLocaleString(document.documentElement.lang);
    this.offer.querySelector("[data-kept-take]").addEventListener("click", () => this.#take(kept, taken));
    this.offer.querySelector("[data-kept-forget]").addEventListener("click", () => this.forget());
    this.offer.hidden = false;
  }

  #take(kept, taken) {
    for (const name of FIELDS) if (this.form.elements[name]) this.form.elements[name].value = kept[name] ?? "";
    this.offer.hidden = true;
    taken(kept.rule);
  }

  // Nothing of it stays folded away.
  #unfold(kept) {
    const held = TYPED.filter((name) => kept[name]).map((name) => this.form.elements[name]);
    for (const part of [this.form, ...held]) part?.closest("details")?.setAttribute("open", "");
  }

  #typed() {
    const typed = FIELDS.filter((name) => this.form.elements[name]).map((name) => [name, this.form.elements[name].value]);
    return Object.fromEntries(typed);
  }
}

// What was sent and has arrived, for the page that shows it is there, is kept no longer.
export function forgetSent() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) && load(name)?.sent) save(name, null);
  }
}

function load(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function save(name, kept) {
  try {
    if (kept) localStorage.setItem(name, JSON.stringify(kept));
    else localStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing, or is full: then nothing is kept.
  }
}
