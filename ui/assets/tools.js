// The quiet row under an answer: copy it as Markdown, say whether it helped and why not. A later rating replaces the
// earlier one. Also a button that copies a block of code.
(() => {
  const COPY = "M9 9h10v11H9zM5 15V4h10";
  const UP = "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.5 1 2.5 2.5L13 10h5.5c1.2 0 2 1 1.8 2.2l-1.2 6.3c-.2.9-.9 1.5-1.8 1.5H7";
  const TOOLS = [
    { name: "copy", label: "Copy answer with references", icon: COPY },
    { name: "up", label: "Helpful", icon: UP },
    { name: "down", label: "Not helpful", icon: UP },
  ];
  const REASONS = [
    ["wrong", "It is wrong"],
    ["outdated", "It is outdated"],
    ["not_found", "The documents do answer it"],
    ["unsupported", "A quote does not support it"],
  ];
  const ratings = new Map(); // id of the row -> "up" or "down"; Gradio may draw an answer anew

  function drawButton({ name, label, icon }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `tool ${name}`;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${icon}"/></svg>`;
    return button;
  }

  function draw(row) {
    for (const tool of TOOLS) {
      const button = drawButton(tool);
      button.addEventListener("click", () => (tool.name === "copy" ? copyAnswer(row) : rate(row, tool.name)));
      row.append(button);
    }
    const said = document.createElement("span");
    said.className = "said";
    said.setAttribute("role", "status");
    row.append(said);
    showRating(row);
  }

  function showRating(row) {
    for (const name of ["up", "down"]) {
      row.querySelector(`.${name}`).setAttribute("aria-pressed", ratings.get(row.id) === name);
    }
  }

  function say(row, words) {
    const said = row.querySelector(".said");
    said.textContent = words;
    clearTimeout(said.timer);
    said.timer = setTimeout(() => (said.textContent = ""), 4000);
  }

  async function rate(row, rating, more = {}) {
    const id = row.id.replace("answer-", ""); // Gradio drops data- attributes
    try {
      const response = await fetch("/v1/feedback", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ answer_id: id, rating, ...more }),
      });
      if (!response.ok) return say(row, (await response.json()).detail);
    } catch {
      return say(row, "Not recorded. Check that the server is running, then try again.");
    }
    ratings.set(row.id, rating);
    showRating(row);
    say(row, "Thank you");
    const form = row.parentElement.nextElementSibling;
    if (form?.matches(".why")) close(form);
    if (rating === "down" && !("reason" in more)) askWhy(row);
  }

  // What was wrong: one of four reasons, and what the answer should have said. Both help whoever mends it.
  function askWhy(row) {
    const form = document.createElement("form");
    form.className = "why";
    form.innerHTML =
      "<fieldset><legend>What is wrong with it?</legend></fieldset>" +
      '<label><b>What should it have said? <span>(optional)</span></b><textarea name="expected" rows="2" maxlength="4000"></textarea></label>' +
      '<p><button type="submit">Send</button><button type="button">Not now</button></p>';
    for (const [value, words] of REASONS) {
      const label = document.createElement("label");
      label.innerHTML = `<input type="radio" name="reason" value="${value}" required>`;
      label.append(words);
      form.firstChild.append(label);
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      rate(row, "down", Object.fromEntries(new FormData(form)));
    });
    form.addEventListener("keydown", (event) => event.stopPropagation());
    form.querySelector("p button[type=button]").addEventListener("click", () => close(form));
    row.parentElement.after(form);
    form.querySelector("input").focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  // The focus goes back to the thumb; else whoever uses the keyboard would start at the top of the page.
  function close(form) {
    const thumb = form.previousElementSibling.querySelector(".tool.down");
    if (form.contains(document.activeElement)) thumb.focus({ preventScroll: true });
    form.remove();
  }

  async function copyAnswer(row) {
    const markdown = row.closest(".answer").querySelector(".markdown").textContent;
    const copied = await copy(markdown.replaceAll("](/sources/", `](${location.origin}/sources/`));
    say(row, copied ? "Copied" : "The browser does not allow copying here.");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copiedByHand(text);
    }
  }

  // Without https a browser offers no clipboard, only this.
  function copiedByHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  function drawCopy(block) {
    const button = drawButton({ name: "copy-code", label: "Copy the code", icon: COPY });
    button.addEventListener("click", async () => {
      button.classList.toggle("done", await copy(block.querySelector("code")?.textContent ?? block.textContent));
      setTimeout(() => button.classList.remove("done"), 1500);
    });
    block.append(button);
  }

  new MutationObserver(() => {
    document.querySelectorAll("#chat .tools:empty").forEach(draw);
    document.querySelectorAll("#chat .answer:not(.streaming) .reading pre:not(:has(.copy-code))").forEach(drawCopy);
  }).observe(document.body, { childList: true, subtree: true });
})();
