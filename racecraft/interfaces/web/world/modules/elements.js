/** Small pieces of page, and how numbers are written. */

/**
 * An element with attributes and children; text is only ever text.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** Change a text only where it is another one. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** MM:SS.mmm @param {number} time_s */
export function clockText(time_s) {
  const whole_ms = Math.max(0, Math.round(time_s * 1000));
  const two = (value) => String(value).padStart(2, "0");
  return `${two(Math.floor(whole_ms / 60000))}:${two(Math.floor(whole_ms / 1000) % 60)}.${String(whole_ms % 1000).padStart(3, "0")}`;
}

export const STATUS_WORDS = ["getting ready", "driving", "lap complete", "off track", "crashed", "wrong way", "stuck", "paused", "time up", "parked"];

/** Styles of the world, loaded once from where this module lies. */
export function loadStyles() {
  const address = new URL("./world.css", import.meta.url).href;
  if (document.querySelector(`link[href="${address}"]`)) return;
  document.head.append(make("link", { rel: "stylesheet", href: address }));
}

export const prefersLessMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The theme of the page around us. @returns {"light" | "dark"} */
export function pageTheme() {
  const told = document.documentElement.dataset.theme;
  if (told === "light" || told === "dark") return told;
  return window.matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

/** Tell when the theme of the page changes. @param {(theme: "light" | "dark") => void} tell @returns {() => void} stop */
export function watchTheme(tell) {
  const watcher = new MutationObserver(() => tell(pageTheme()));
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => watcher.disconnect();
}
