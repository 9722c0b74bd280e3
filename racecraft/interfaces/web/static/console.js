// What runs in the browser: the theme, the Info drawer, menus, dialogs, dates. Forms are in forms.js.
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
  system.addEventListener("change", showTheme);
  showTheme();
  let isPlanned = false;
  new MutationObserver(() => {
    if (isPlanned) return;
    isPlanned = true; // once a picture at most, however much changes
    requestAnimationFrame(() => { isPlanned = false; localTimes(document); racecraftForms.fillFromLink(); });
  }).observe(root, { childList: true, subtree: true });
  window.addEventListener("load", showTheme);

  return { keep, kept, setMoment, theme, showTheme, openDialog, closeDialog, focusHeading, focusError, focusSort };
})();
window.racecraft = racecraft;
