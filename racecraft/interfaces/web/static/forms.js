// Forms that the browser sends to the API by itself: those of the door, and files to upload.
"use strict";

const racecraftForms = (() => {
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
    const wish = JSON.parse(form.dataset.fixed || "{}");
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
    const event = welcome.event_id && `/events/${welcome.event_id}`;
    box.querySelector("a").href = form.dataset.done || event || nextPath();
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
      url.search ||= location.search; // the door of an event has a way back of its own
      url.hash = location.hash;
      if (link.href !== url.href) link.href = url.href;
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-api], form[data-upload]")) return;
    event.preventDefault();
    if (event.target.matches("form[data-upload]")) racecraftUploads.send(event.target);
    else send(event.target);
  });

  return { fieldError, fillFromLink };
})();
