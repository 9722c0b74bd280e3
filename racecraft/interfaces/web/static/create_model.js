// The form for new models: steps in the browser's history, handles of the action graph, the editor.
"use strict";

const racecraftCreate = (() => {
  // Every step is a place in the history, so that Back goes to the step before.
  function at(step) {
    const now = history.state?.racecraftStep;
    const state = { ...history.state, racecraftStep: step };
    if (now === undefined || now === step) history.replaceState(state, "");
    else history.pushState(state, "");
  }
  window.addEventListener("popstate", (event) => {
    const step = event.state?.racecraftStep;
    if (Number.isInteger(step)) emitEvent("create-model-step", step);
  });

  // Handles: each moves the number that belongs to it, and the server redraws the graph.
  const CENTRE = { x: 220, y: 232 }, WIDTH = 440, RADIUS = 176, SPREAD = 2;
  let held = null;
  let rim = 4; // m/s; that of the moment when a handle was taken, so that it does not jump

  function number(handle) {
    return document.getElementById(handle.dataset.moves);
  }

  function move(handle, value) {
    const isAngle = handle.dataset.handle.startsWith("angle");
    const step = isAngle ? 1 : 0.05;
    const [low, high] = isAngle ? [-30, 30] : [0.1, 4];
    const round = Math.round(Math.min(Math.max(value, low), high) / step) * step;
    const input = number(handle);
    const text = String(Number(Math.min(Math.max(round, low), high).toFixed(2)));
    if (input.value === text) return;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function drag(event) {
    const box = held.parentElement.getBoundingClientRect();
    const scale = WIDTH / box.width;
    const left = CENTRE.x - (event.clientX - box.left) * scale;
    const up = CENTRE.y - (event.clientY - box.top) * scale;
    if (held.dataset.handle.startsWith("angle")) move(held, (Math.atan2(left, up) * 180) / Math.PI / SPREAD);
    else move(held, (Math.hypot(left, up) / RADIUS) * rim);
  }

  document.addEventListener("pointerdown", (event) => {
    held = event.target.closest?.("[data-handle]") ?? null;
    if (!held) return;
    rim = Number(held.dataset.rim);
    held.focus();
    held.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => { if (held) drag(event); });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { held = null; });
  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-handle]");
    if (!handle) return;
    const isAngle = handle.dataset.handle.startsWith("angle");
    const step = isAngle ? 1 : 0.1;
    const by = { ArrowRight: isAngle ? -step : step, ArrowLeft: isAngle ? step : -step, ArrowUp: step, ArrowDown: -step,
      PageUp: 5 * step, PageDown: -5 * step }[event.key];
    const to = { Home: isAngle ? -30 : 0.1, End: isAngle ? 30 : 4 }[event.key];
    if (by === undefined && to === undefined) return;
    event.preventDefault();
    move(handle, to ?? Number(number(handle).value) + by);
  });

  // The editor: our colours, a name for screen readers, completion of what a reward is given.
  async function ready(id) {
    for (let k = 0; k < 600; k += 1) {
      const found = document.getElementById(`c${id}`) && getElement(id);
      if (found?.editor) return found;
      await new Promise(requestAnimationFrame);
    }
    return null;
  }

  // The editor's package gives no tags of the language away, but its usual style names them.
  function colours(CM) {
    const classes = [
      [["keyword"], "code-word"], [["comment"], "code-comment"], [["string"], "code-string"],
      [["literal", "atom", "bool", "number"], "code-number"],
      [["definition(variableName)"], "code-name"], [["invalid"], "code-wrong"],
    ];
    const specs = [];
    for (const { tag } of CM.defaultHighlightStyle.specs) {
      for (const one of [tag].flat()) {
        const name = one.toString();
        const found = classes.find(([names]) => names.includes(name));
        if (found) specs.push({ tag: one, class: found[1] });
      }
    }
    return CM.syntaxHighlighting(CM.HighlightStyle.define(specs));
  }

  function completion(inputs) {
    return (context) => {
      const inside = context.matchBefore(/params\[["']\w*$|params\.get\(["']\w*$/);
      if (inside) {
        const from = inside.from + inside.text.search(/\w*$/);
        return { from, options: inputs.map((one) => ({ ...one, type: "property" })), validFor: /^\w*$/ };
      }
      const word = context.matchBefore(/[a-zA-Z_]\w*$/);
      if (!word && !context.explicit) return null;
      const options = inputs.map((one) => ({ ...one, type: "property", apply: `params["${one.label}"]` }));
      return { from: word ? word.from : context.pos, options, validFor: /^\w*$/ };
    };
  }

  async function editor(id, inputs) {
    const [CM, made] = [await import("nicegui-codemirror"), await ready(id)];
    if (!made) return;
    const source = completion(inputs);
    made.editor.dispatch({
      effects: [
        made.themeConfig.reconfigure([
          colours(CM),
          CM.EditorView.contentAttributes.of({ "aria-label": "Reward function in Python", tabindex: "0" }),
          CM.EditorState.languageData.of(() => [{ autocomplete: source }]),
        ]),
      ],
    });
  }

  async function goTo(id, line) {
    const made = await ready(id);
    if (!made) return;
    const at = made.editor.state.doc.line(Math.min(line, made.editor.state.doc.lines));
    made.editor.dispatch({ selection: { anchor: at.from }, scrollIntoView: true });
    made.editor.focus();
  }

  return { at, editor, goTo };
})();
window.racecraftCreate = racecraftCreate;
