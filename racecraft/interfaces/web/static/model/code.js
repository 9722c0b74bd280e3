// Python with colours, read only.
"use strict";

const WORDS = new Set("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "));
const TOKEN = /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(#[^\n]*)|(\b\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?\b)|([A-Za-z_]\w*)|([\s\S])/g;

class PythonCode extends HTMLElement {
  connectedCallback() {
    const source = this.getAttribute("source") ?? "";
    const pre = document.createElement("pre");
    pre.className = "python";
    pre.tabIndex = 0;
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", this.getAttribute("label") ?? "Python code");
    let line = this.line(pre);
    let isName = false;
    for (const [whole, text, comment, number, word] of source.matchAll(TOKEN)) {
      let kind = text ? "text" : comment ? "comment" : number ? "number" : "";
      if (word) {
        kind = WORDS.has(word) ? "word" : isName ? "name" : "";
        isName = word === "def" || word === "class";
      }
      for (const [k, part] of whole.split("\n").entries()) {
        if (k) line = this.line(pre);
        if (!part) continue;
        const piece = kind ? document.createElement("span") : document.createTextNode(part);
        if (kind) {
          piece.className = `py-${kind}`;
          piece.textContent = part;
        }
        line.append(piece);
      }
    }
    this.replaceChildren(pre);
  }

  line(pre) {
    if (pre.childElementCount) pre.append("\n");
    const made = document.createElement("code");
    pre.append(made);
    return made;
  }
}

customElements.define("python-code", PythonCode);
