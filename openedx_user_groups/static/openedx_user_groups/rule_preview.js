// The preview beside the builder: asked for a moment after the last change, and the latest answer wins.

const WAIT = 400;

export class RulePreview {
  constructor(root, { address, token, text, answered }) {
    Object.assign(this, { address, token, text, answered });
    this.place = root.querySelector("[data-preview]");
    this.counting = root.querySelector("[data-counting]");
    this.trouble = root.querySelector("[data-trouble]");
    this.ended = root.querySelector("[data-ended]");
    this.place.addEventListener("click", (event) => {
      const button = event.target.closest("[data-page]");
      if (!button) return;
      event.preventDefault();
      this.ask(button.value);
    });
    // It is tried out without being asked to.
    this.place.querySelector("[data-try]")?.remove();
  }

  // Ask soon; what was asked before no longer matters.
  later() {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.#count(true);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask(page = 1) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    this.#count(true);
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: new URLSearchParams({ rule: this.text(), page }),
        headers: { "X-CSRFToken": this.token, "HX-Request": "true", "HX-Current-URL": location.href },
        signal: abort.signal,
      });
      const login = answer.headers.get("HX-Redirect");
      if (login) return this.#end(login);
      const html = await answer.text();
      if (abort.signal.aborted) return;
      this.trouble.hidden = answer.ok;
      this.ended.hidden = true;
      if (answer.ok) this.#show(html, page > 1);
    } catch (error) {
      if (error.name !== "AbortError") this.trouble.hidden = false;
    } finally {
      if (this.abort === abort) this.#count(false);
    }
  }

  #count(isCounting) {
    // Until the answer is there, what is shown may be about another rule.
    this.isCounting = isCounting;
    this.counting.hidden = !isCounting;
    this.place.setAttribute("aria-busy", String(isCounting));
  }

  #show(html, turned) {
    const held = this.place.contains(document.activeElement);
    const opened = [...this.place.querySelectorAll("details[open]")].map((details) => details.dataset.fold);
    this.place.innerHTML = html;
    for (const name of opened) this.place.querySelector(`details[data-fold="${name}"]`)?.setAttribute("open", "");
    if (held && turned) this.place.querySelector("[data-page]:last-of-type")?.focus();
    this.#count(false);
    this.answered();
  }

  #end(login) {
    this.ended.hidden = false;
    this.ended.querySelector("[data-log-in]").href = login;
  }

  // What is wrong, by JSON pointer.
  get problems() {
    return [...this.place.querySelectorAll(".problems [data-path]")].map((item) => ({
      path: item.dataset.path,
      message: item.querySelector("span").textContent,
    }));
  }

  // What each criterion makes of the people, by JSON pointer.
  get counts() {
    return new Map([...this.place.querySelectorAll(".parts [data-path]")].map((item) => [item.dataset.path, item.dataset]));
  }
}
