// Opens the quoted words beside the answer. Without this script every number is still a link to the document.
(() => {
  const shade = document.createElement("div");
  shade.className = "panel-shade";
  const panel = document.createElement("aside");
  panel.className = "panel";
  panel.id = "source-panel";
  panel.tabIndex = -1;
  panel.setAttribute("aria-label", "Source");
  panel.innerHTML =
    '<div class="panel-grip"></div><button type="button" class="panel-close" aria-label="Close the source">×</button>' +
    '<div class="panel-content"></div>';
  const content = panel.querySelector(".panel-content");
  let openedBy = null; // the address that is shown; chips are redrawn while an answer streams
  let request = 0;

  const isOpen = () => document.body.classList.contains("panel-open");
  const showActive = () => {
    for (const link of document.querySelectorAll("#chat a.cite, #chat a.open")) {
      link.classList.toggle("active", isOpen() && link.getAttribute("href") === openedBy);
    }
  };

  async function open(link) {
    const number = ++request;
    openedBy = link.getAttribute("href");
    document.body.classList.add("panel-open");
    showActive();
    const address = sectionOf(link);
    const waiting = setTimeout(() => say("Loading the source …"), 150);
    let html = null;
    try {
      const response = await fetch(address.pathname + address.search, { headers: { accept: "application/json" } });
      if (response.ok) html = await response.text();
      else if (number === request) say((await response.json()).detail);
    } catch {
      if (number === request) say("The source could not be loaded. Check that the server is running, then try again.");
    }
    clearTimeout(waiting);
    if (number !== request) return;
    if (html !== null) content.innerHTML = html; // made and cleaned by the server (ui/sources)
    keepVisible();
    panel.focus({ preventScroll: true });
    const quote = content.querySelector("#quote");
    const body = content.querySelector(".panel-body");
    if (quote && body) {
      const above = quote.getBoundingClientRect().top - body.getBoundingClientRect().top;
      body.scrollTop += above - body.clientHeight / 3;
    }
  }

  // The address of the section around a link's words, with the other quotes of the same answer to underline.
  function sectionOf(link) {
    const address = new URL(link.href);
    const own = address.searchParams;
    const span = (at) => `${at.get("start")}-${at.get("end")}`;
    const others = new Set();
    for (const chip of link.closest(".answer")?.querySelectorAll("a.cite") ?? []) {
      const { pathname, searchParams } = new URL(chip.href);
      if (pathname === address.pathname && searchParams.get("collection") === own.get("collection")) {
        others.add(span(searchParams));
      }
    }
    others.delete(span(own));
    if (!own.has("start")) own.set("anchor", decodeURIComponent(address.hash.slice(1)));
    own.set("view", "section");
    for (const other of [...others].slice(0, 32)) own.append("also", other);
    return address;
  }

  // On a phone the panel comes from below: what was tapped moves up, so that statement and source stand together.
  function keepVisible() {
    if (panel.offsetLeft > 0) return;
    document.documentElement.style.setProperty("--sheet", `${panel.offsetHeight}px`);
    const tapped = document.querySelector("#chat .active")?.closest("tr, li, p");
    const below = tapped ? tapped.getBoundingClientRect().bottom + 20 - (innerHeight - panel.offsetHeight) : 0;
    if (below > 0) tapped.closest(".bubble-wrap").scrollBy({ top: below, behavior: "smooth" });
  }

  // Pulling the sheet down closes it.
  let pulled = null;
  panel.addEventListener("touchstart", (event) => {
    pulled = event.target.closest(".panel-grip, .panel-head") ? event.touches[0].clientY : null;
  });
  panel.addEventListener("touchmove", (event) => {
    if (pulled === null) return;
    event.preventDefault();
    panel.style.translate = `0 ${Math.max(0, event.touches[0].clientY - pulled)}px`;
  });
  panel.addEventListener("touchend", (event) => {
    if (pulled !== null && event.changedTouches[0].clientY - pulled > 60) close();
    panel.style.translate = "";
    pulled = null;
  });

  function say(sentence) {
    const line = document.createElement("p");
    line.className = "panel-wait";
    line.textContent = sentence;
    content.replaceChildren(line);
  }

  function close() {
    if (!isOpen()) return;
    request++;
    document.body.classList.remove("panel-open");
    showActive();
    const links = [...document.querySelectorAll("#chat a.cite, #chat a.open")];
    links.find((link) => link.getAttribute("href") === openedBy)?.focus();
  }

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("#chat a.cite, #chat a.open");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && link.pathname.startsWith("/sources/")) {
        event.preventDefault();
        event.stopPropagation();
        open(link);
      } else if (event.target.closest?.(".panel-close, .panel-shade, #begin")) {
        close();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());

  // Gradio labels each message with its raw HTML, which a screen reader would read out; the text itself is enough.
  // Its list of examples holds buttons, no list items. It opens every link in a new tab; our own pages stay in this one.
  function tidyLabels() {
    document.querySelector("#chat .examples[role='list']")?.setAttribute("role", "group");
    for (const link of document.querySelectorAll(":is(#brand, #history) a[target]")) link.removeAttribute("target");
    document.querySelector("#question .submit-button:not([aria-label])")?.setAttribute("aria-label", "Send");
    document.querySelector("#question .stop-button:not([aria-label])")?.setAttribute("aria-label", "Stop");
    document.querySelector("#side .toggle-button[aria-label='Toggle Sidebar']")?.setAttribute("aria-label", "Conversations");
    for (const message of document.querySelectorAll("#chat [data-testid][aria-label*='<']")) {
      message.setAttribute("aria-label", message.dataset.testid === "user" ? "You asked" : "Answer");
    }
  }

  // A new question moves to the top, so that its answer is read from the start however long it gets.
  let questions = 0;
  function followQuestions() {
    const rows = document.querySelectorAll("#chat .user-row");
    if (rows.length > questions) {
      const frame = rows[rows.length - 1].closest(".bubble-wrap");
      requestAnimationFrame(() => {
        const above = rows[rows.length - 1].getBoundingClientRect().top - frame.getBoundingClientRect().top;
        frame.scrollTo({ top: frame.scrollTop + above - 16, behavior: "smooth" });
      });
    }
    questions = rows.length;
  }

  document.body.append(shade, panel);
  new MutationObserver(() => {
    tidyLabels();
    followQuestions();
    if (isOpen()) showActive();
  }).observe(document.body, { childList: true, subtree: true });
})();
