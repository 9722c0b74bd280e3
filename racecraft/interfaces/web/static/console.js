// What runs in the browser: the theme, the Info drawer, menus, dialogs, and the forms of the door.
// Everything else is made by the server.
"use strict";

const racecraft = (() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const YEAR_S = 31536000;

  function keep(name, value) {
    const safely = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax${safely}`;
  }

  function kept(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found ? found.slice(name.length + 1) : "";
  }

  // The theme: the system's, unless this browser was told another.
  function theme() {
    const chosen = kept("racecraft_theme");
    return chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
  }

  function showTheme() {
    root.dataset.theme = theme();
    window.Quasar?.Dark?.set(theme() === "dark");
    window.dispatchEvent(new CustomEvent("racecraft-theme", { detail: theme() }));
  }

  function switchTheme() {
    keep("racecraft_theme", theme() === "dark" ? "light" : "dark");
    showTheme();
  }

  // Waits for an element that the server is just about to make.
  async function element(id) {
    for (let k = 0; k < 120; k += 1) {
      const found = document.getElementById(`c${id}`);
      if (found) return found;
      await new Promise(requestAnimationFrame);
    }
    return null;
  }

  /** Write a time into a date and time field, in the zone of this browser. */
  function setMoment(id, seconds) {
    const control = getHtmlElement(id);
    const time = new Date(seconds * 1000);
    const local = new Date(time.getTime() - time.getTimezoneOffset() * 60000);
    if (control) control.value = local.toISOString().slice(0, 16);
  }

  async function openDialog(id) {
    const dialog = await element(id);
    if (!dialog || dialog.open) return;
    // A text too long for the dialog is scrolled with the keyboard, so it can be reached.
    const body = dialog.querySelector(".dialog-body");
    if (body && !body.querySelector("a, button, input, select, textarea")) body.tabIndex = 0;
    dialog.showModal();
  }

  async function closeDialog(id) {
    (await element(id))?.close();
  }

  async function focusHeading(id) {
    const body = await element(id);
    for (let k = 0; body && k < 60 && !body.querySelector(".step-title"); k += 1) {
      await new Promise(requestAnimationFrame);
    }
    body?.querySelector(".step-title")?.focus();
    window.scrollTo({ top: 0 });
  }

  async function focusError(id) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const body = await element(id);
    const wrong = body?.querySelector('[aria-invalid="true"]');
    for (let fold = wrong?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    (wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong)?.focus();
  }

  async function focusSort(id, key) {
    // The button is made anew, a moment after this; who has gone on meanwhile is left alone.
    const old = document.activeElement;
    for (const end = Date.now() + 3000; Date.now() < end;) {
      await new Promise(requestAnimationFrame);
      const now = document.activeElement;
      if (now === old && old.isConnected && old !== document.body) continue;
      if (now !== old && now !== document.body) return;
      const button = (await element(id))?.querySelector(`[data-sort="${CSS.escape(key)}"]`);
      if (button) return button.focus();
    }
  }

  // The Info drawer.
  let cameFrom = null;

  async function info(key, link) {
    const drawer = document.getElementById("info-drawer");
    const body = document.getElementById("info-body");
    const answer = await fetch(`/console/help/${key}`);
    if (!answer.ok) return;
    body.innerHTML = await answer.text(); // texts of ours, from files of ours
    drawer.hidden = false;
    cameFrom = link;
    drawer.scrollTop = 0;
    body.focus();
  }

  function closeInfo() {
    const drawer = document.getElementById("info-drawer");
    if (!drawer || drawer.hidden) return false;
    drawer.hidden = true;
    cameFrom?.focus();
    return true;
  }

  // Menus that open below a button.
  function toggle(button, isOpen) {
    button.setAttribute("aria-expanded", String(isOpen));
    button.nextElementSibling.hidden = !isOpen;
  }

  function closeDropdowns(but) {
    for (const button of document.querySelectorAll('[data-dropdown][aria-expanded="true"]')) {
      if (button !== but) toggle(button, false);
    }
  }

  function moveInDropdown(event) {
    const list = event.target.closest?.(".dropdown")?.querySelector(".dropdown-list");
    if (!list || list.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const rows = [...list.querySelectorAll("button:not(:disabled)")];
    const by = event.key === "ArrowDown" ? 1 : -1;
    const at = rows.indexOf(document.activeElement);
    rows[(at + by + rows.length) % rows.length]?.focus();
    event.preventDefault();
  }

  function toggleMenu() {
    const menu = document.getElementById("menu");
    const isOpen = menu.classList.toggle("open");
    menu.querySelector("[data-menu-more]").setAttribute("aria-expanded", String(isOpen));
  }

  // The door: forms that the browser sends to the API by itself.
  function nextPath() {
    const wanted = new URLSearchParams(location.search).get("next") || "/";
    const url = new URL(wanted, location.origin);
    return url.origin === location.origin ? url.pathname + url.search : "/";
  }

  function fieldError(input, sentence) {
    input.setAttribute("aria-invalid", sentence ? "true" : "false");
    document.getElementById(`${input.id}-error`).textContent = sentence;
  }

  function missing(form) {
    const inputs = [...form.querySelectorAll("input")];
    for (const input of inputs) {
      const label = form.querySelector(`label[for="${input.id}"]`).textContent;
      fieldError(input, input.required && !input.value.trim() ? `${label} is missing.` : "");
    }
    return inputs.find((input) => input.getAttribute("aria-invalid") === "true");
  }

  // Which field a sentence of the API is about.
  function fieldOf(form, sentence) {
    for (const [name, words] of Object.entries({
      old: /^The old password/, new: /^The password has/, invitation: /invitation/i, password: /^The password has/, new_password: /^The password has/,
      name: /racer/i,
    })) {
      const input = form.querySelector(`[name="${name}"]`);
      if (input && words.test(sentence) && !/do not fit/.test(sentence)) return input;
    }
    return null;
  }

  async function send(form) {
    const told = form.querySelector("[data-form-error]");
    told.textContent = "";
    const first = missing(form);
    if (first) return first.focus();
    const wish = {};
    // Who has no password yet leaves the old one empty, and it must be sent so.
    for (const [name, value] of new FormData(form)) if (value || name === "old") wish[name] = value;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.api, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
      });
      const words = await answer.json();
      if (answer.ok) return words.recovery_code ? showCode(form, words) : location.assign(form.dataset.done || nextPath());
      const input = fieldOf(form, words.error.message);
      if (input) fieldError(input, words.error.message);
      else told.textContent = words.error.message;
      input?.focus();
    } catch {
      told.textContent = "The service does not answer; try again in a moment.";
    } finally {
      button.disabled = false;
    }
  }

  function showCode(form, welcome) {
    const box = document.createElement("div");
    box.className = "door-form panel";
    box.innerHTML = '<h2 tabindex="-1"></h2><p>Write this recovery code down, or take a picture of ' +
      'it. It is shown this once, and lets you back in on another device or without a password.</p>' +
      '<p class="code-words"></p><div class="actions"><a class="button primary">I have it: go on</a></div>';
    box.querySelector("h2").textContent = `Welcome, ${welcome.person.name}`;
    box.querySelector(".code-words").textContent = welcome.recovery_code;
    box.querySelector("a").href = nextPath();
    form.hidden = true;
    form.after(box);
    box.querySelector("h2").focus();
  }

  function fillFromLink() {
    const code = decodeURIComponent(location.hash.slice(1));
    const input = document.getElementById("box-invitation");
    if (input && code && !input.value) input.value = code;
    for (const link of document.querySelectorAll(".door-links a")) {
      const url = new URL(link.href);
      url.search = location.search;
      url.hash = location.hash;
      if (link.href !== url.href) link.href = url.href;
    }
  }

  async function signOut() {
    await fetch("/api/sign-out", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
    location.assign("/sign-in");
  }

  // Dates in the viewer's own zone, with the offset spelt out.
  function localTimes(within) {
    for (const time of within.querySelectorAll("time.moment:not([data-local])")) {
      const date = new Date(time.dateTime);
      const said = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(date);
      const zone = new Intl.DateTimeFormat("en", { timeZoneName: "longOffset" }).formatToParts(date)
        .find((part) => part.type === "timeZoneName").value;
      time.dataset.local = "";
      time.title = `${said} ${zone}`;
      time.textContent = `${said} ${zone}`;
    }
  }

  document.addEventListener("click", (event) => {
    const at = (what) => event.target.closest?.(what);
    const opener = at("[data-dropdown]");
    closeDropdowns(opener);
    if (opener) toggle(opener, opener.getAttribute("aria-expanded") !== "true");
    if (at("[data-theme-switch]")) switchTheme();
    if (at("[data-sign-out]")) signOut();
    if (at("[data-menu-more]")) toggleMenu();
    if (at("[data-info-close]")) closeInfo();
    const link = at("[data-info]");
    if (link) info(link.dataset.info, link);
  });
  document.addEventListener("keydown", (event) => {
    moveInDropdown(event);
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const open = document.querySelector('[data-dropdown][aria-expanded="true"]');
    closeDropdowns(null);
    if (open) open.focus();
    else closeInfo();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-api]")) return;
    event.preventDefault();
    send(event.target);
  });
  system.addEventListener("change", showTheme);
  showTheme();
  let isPlanned = false;
  new MutationObserver(() => {
    if (isPlanned) return;
    isPlanned = true; // once a picture at most, however much changes
    requestAnimationFrame(() => { isPlanned = false; localTimes(document); fillFromLink(); });
  }).observe(root, { childList: true, subtree: true });
  window.addEventListener("load", showTheme);

  return { keep, kept, setMoment, theme, showTheme, openDialog, closeDialog, focusHeading, focusError, focusSort };
})();
window.racecraft = racecraft;
