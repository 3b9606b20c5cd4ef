// What can be undone and done again: the tree as it was after every change.

const LIMIT = 100;

export class History {
  constructor(state) {
    this.states = [structuredClone(state)];
    this.now = 0;
  }

  // Keep a state; several changes of the same field are one step.
  keep(state, field = "") {
    const text = JSON.stringify(state);
    if (text === JSON.stringify(this.states[this.now])) return;
    const replaces = field && field === this.field && this.now === this.states.length - 1;
    this.states.splice(this.now + (replaces ? 0 : 1));
    this.states.push(JSON.parse(text));
    if (this.states.length > LIMIT) this.states.shift();
    this.now = this.states.length - 1;
    this.field = field;
  }

  get canUndo() {
    return this.now > 0;
  }

  get canRedo() {
    return this.now < this.states.length - 1;
  }

  undo() {
    return this.#go(-1);
  }

  redo() {
    return this.#go(1);
  }

  #go(step) {
    this.now += step;
    this.field = "";
    return structuredClone(this.states[this.now]);
  }
}
