// Whoever has news, and whoever wants to hear them.
"use strict";

export class Teller extends EventTarget {
  /** Hear what is told of a kind; what comes back ends it. */
  on(kind, listener) {
    const wrapped = (event) => listener(event.detail);
    this.addEventListener(kind, wrapped);
    return () => this.removeEventListener(kind, wrapped);
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
