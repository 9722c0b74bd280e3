// Files that the browser sends to the API by itself: one file as it is, a folder as one tar.
"use strict";

const racecraftUploads = (() => {
  const BLOCK = 512;

  // The name in two parts, as a tar wants it: at most 155 bytes, a slash, at most 100 bytes.
  function parted(path) {
    const bytes = (words) => new TextEncoder().encode(words);
    if (bytes(path).length <= 100) return ["", path];
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      const [before, after] = [path.slice(0, at), path.slice(at + 1)];
      if (bytes(after).length <= 100 && bytes(before).length <= 155) return [before, after];
    }
    return null;
  }

  function header(path, size) {
    const parts = parted(path);
    if (!parts) return null;
    const block = new Uint8Array(BLOCK);
    const put = (at, words) => block.set(new TextEncoder().encode(words), at);
    const octal = (value, digits) => value.toString(8).padStart(digits, "0");
    put(0, parts[1]);
    put(100, "0000644\0" + "0000000\0" + "0000000\0" + octal(size, 11) + "\0" + octal(0, 11) + "\0");
    put(148, "        0");
    put(257, "ustar\0" + "00");
    put(345, parts[0]);
    put(148, octal(block.reduce((sum, byte) => sum + byte, 0), 6) + "\0 ");
    return block;
  }

  // The files of a folder as a tar; nothing is read before it is sent.
  function packed(files, endings) {
    const parts = [];
    for (const file of files) {
      const path = file.webkitRelativePath || file.name;
      const isWanted = !endings || endings.some((ending) => path.toLowerCase().endsWith(ending));
      const head = isWanted && header(path, file.size);
      if (!head) continue;
      parts.push(head, file, new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK));
    }
    return parts.length ? new Blob([...parts, new Uint8Array(2 * BLOCK)]) : null;
  }

  // What was chosen: its bytes and its name; nothing if there is none.
  function chosen(form) {
    const [file, folder] = [form.querySelector("#upload-file"), form.querySelector("#upload-folder")];
    if (file.files.length) return { input: file, body: file.files[0], name: file.files[0].name };
    if (!folder.files.length) return { input: file, body: null, why: "No file is chosen; choose one, or a folder." };
    const body = packed(folder.files, form.dataset.endings && form.dataset.endings.split(" "));
    const name = (folder.files[0].webkitRelativePath || "folder").split("/")[0] + ".tar";
    return { input: folder, body, name, why: "There is no such file in that folder; choose another one." };
  }

  function send(form) {
    const { fieldError } = racecraftForms;
    const name = form.querySelector("#upload-name");
    for (const input of form.querySelectorAll("input")) fieldError(input, "");
    const given = chosen(form);
    const most = Number(form.dataset.mostBytes);
    if (given.body && given.body.size > most) {
      given.why = `It has ${Math.round(given.body.size / 1e6)} MB, and at most ${Math.round(most / 1e6)} MB are taken; ` +
        "leave out what is not needed.";
    }
    if (!given.body || given.body.size > most) {
      fieldError(given.input, given.why);
      return given.input.focus();
    }
    const query = new URLSearchParams({ file: given.name });
    if (name && name.value.trim()) query.set("name", name.value.trim());
    const button = form.querySelector("[type=submit]");
    const [bar, state] = [form.querySelector("progress"), form.querySelector("[role=status]")];
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.upload}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
    request.upload.onload = () => { state.textContent = form.dataset.sent; };
    request.onloadend = () => {
      bar.hidden = true;
      button.disabled = false;
      state.textContent = "";
      let words = { error: { message: "The service does not answer; try again in a moment." } };
      try { words = JSON.parse(request.responseText); } catch { /* no answer at all */ }
      if (request.status === 201) return received(form, words);
      const isName = name && /\bname\b|There is a model/i.test(words.error.message);
      fieldError(isName ? name : given.input, words.error.message);
      (isName ? name : given.input).focus();
    };
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    request.send(given.body);
  }

  function received(form, answer) {
    if (answer.model) showModel(form, answer);
    else location.assign(`/analysis/logs/${answer.id}`);
  }

  // What came in with the file, and what is different here.
  function showModel(form, { model, report }) {
    const box = document.createElement("div");
    box.className = "imported";
    box.innerHTML = '<h3 tabindex="-1"></h3><p></p><div class="imported-lists"></div><div class="actions">' +
      '<a class="button primary">Open the model</a><a class="button quiet" href="/models/import">Import another</a></div>';
    box.querySelector("h3").textContent = `${model.name} is here`;
    box.querySelector("p").textContent = report.taken ? foreign(report) : own(report);
    const lists = report.taken
      ? [["Taken over", report.taken], ["Not taken over, or different here", report.left]]
      : [["", report.notes]];
    for (const [title, lines] of lists.filter(([, each]) => each.length)) {
      const list = document.createElement("ul");
      list.append(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
      if (title) box.querySelector(".imported-lists").append(Object.assign(document.createElement("h4"), { textContent: title }));
      box.querySelector(".imported-lists").append(list);
    }
    box.querySelector("a").href = `/models/${model.id}`;
    form.hidden = true;
    form.after(box);
    box.querySelector("h3").focus();
  }

  function own(report) {
    const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
    return `${counted(report.checkpoints.length, "checkpoint")} and ` +
      `${counted(report.evaluations, "evaluation")}, ${(report.size_bytes / 1e6).toFixed(1)} MB, all checked.`;
  }

  function foreign(report) {
    return report.can_drive
      ? "It comes from another program. It has its weights, so it can be evaluated, raced and cloned."
      : "It comes from another program, without weights: its logs can be analysed, and it can be trained anew.";
  }

  return { send };
})();
