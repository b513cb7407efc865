// The quiet row under an answer: copy it as Markdown, say whether it helped. A later rating replaces the earlier one.
(() => {
  const COPY = "M9 9h10v11H9zM5 15V4h10";
  const UP = "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.5 1 2.5 2.5L13 10h5.5c1.2 0 2 1 1.8 2.2l-1.2 6.3c-.2.9-.9 1.5-1.8 1.5H7";
  const TOOLS = [
    { name: "copy", label: "Copy answer with references", icon: COPY },
    { name: "up", label: "Helpful", icon: UP },
    { name: "down", label: "Not helpful", icon: UP },
  ];
  const ratings = new Map(); // id of the row -> "up" or "down"; Gradio may draw an answer anew

  function draw(row) {
    for (const { name, label, icon } of TOOLS) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `tool ${name}`;
      button.title = label;
      button.setAttribute("aria-label", label);
      button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${icon}"/></svg>`;
      button.addEventListener("click", () => (name === "copy" ? copy(row) : rate(row, name)));
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

  async function rate(row, rating) {
    const id = row.id.replace("answer-", ""); // Gradio drops data- attributes
    try {
      const response = await fetch("/v1/feedback", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ answer_id: id, rating }),
      });
      if (!response.ok) return say(row, (await response.json()).detail);
    } catch {
      return say(row, "Not recorded. Check that the server is running, then try again.");
    }
    ratings.set(row.id, rating);
    showRating(row);
    say(row, "Thank you");
  }

  async function copy(row) {
    const text = row.nextElementSibling.textContent.replaceAll("](/sources/", `](${location.origin}/sources/`);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (!copiedByHand(text)) return say(row, "The browser does not allow copying here.");
    }
    say(row, "Copied");
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

  const drawMissing = () => document.querySelectorAll("#chat .tools:empty").forEach(draw);
  new MutationObserver(drawMissing).observe(document.body, { childList: true, subtree: true });
})();
