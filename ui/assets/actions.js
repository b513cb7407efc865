// The page's own buttons. Each carries its command as JSON in its value; the server wrote it and reads it again.
(() => {
  const BOXES = { ask: "#ask", again: "#ask", open: "#go" };

  // Puts a text into one of Gradio's boxes and presses Enter there.
  function submit(box, text) {
    const field = document.querySelector(`${box} textarea`);
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => field.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true })));
  }

  function send(command) {
    if (BOXES[command.do] === "#ask" && isBusy()) return;
    if (command.do === "open") closeSideOnPhones();
    submit(BOXES[command.do] ?? "#order", JSON.stringify(command));
  }

  // While an answer is written, the question box shows its stop button. What is typed meanwhile stays in the box.
  const isBusy = () => document.querySelector("#question .stop-button") !== null;
  document.addEventListener(
    "keypress",
    (event) => {
      if (event.key !== "Enter" || event.shiftKey || !event.target.closest?.("#question") || !isBusy()) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  function closeSideOnPhones() {
    if (matchMedia("(max-width: 900px)").matches) document.querySelector("#side.open .toggle-button")?.click();
  }

  document.addEventListener("pointerdown", (event) => event.target.closest?.("#side") || closeSideOnPhones());

  // Deleting asks once more, in place.
  function confirmed(button) {
    if (!button.classList.contains("sure-first") || button.classList.contains("asking")) return true;
    button.classList.add("asking");
    button.textContent = "Really delete?";
    button.addEventListener("blur", () => {
      button.classList.remove("asking");
      button.textContent = "Delete";
    }, { once: true });
    return false;
  }

  // What is pressed with a key goes away with what it does: the focus goes on where the next thing is typed or chosen.
  const goOn = (from) => document.querySelector(from.closest("#side") ? "#side .toggle-button" : "#question textarea").focus();

  // The question, the searched question or a title turns into a box to type in; Enter sends, Escape leaves it as it was.
  function edit(button) {
    const command = JSON.parse(button.value);
    const place = button.closest(".turn, .searched, li");
    if (place.nextElementSibling?.matches(".editor")) return;
    const form = document.createElement("form");
    form.className = "editor";
    form.innerHTML = '<textarea rows="1"></textarea><span><button type="submit">Save</button><button type="button">Cancel</button></span>';
    const [field, save, cancel] = form.querySelectorAll("textarea, button");
    field.value = command.text;
    field.setAttribute("aria-label", button.getAttribute("aria-label"));
    if (command.do === "ask") save.textContent = "Ask";
    const close = () => {
      form.remove();
      place.hidden = false;
      button.focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      close();
      send({ ...command, text: field.value });
      goOn(place);
    });
    field.addEventListener("keydown", (event) => {
      event.stopPropagation(); // Gradio and the source panel have keys of their own
      if (event.key === "Escape") close();
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    cancel.addEventListener("click", close);
    place.after(form);
    place.hidden = true;
    field.style.height = `${field.scrollHeight}px`;
    field.focus();
    field.select();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.do, button.edit, #chat .example");
    if (!button) return;
    if (button.matches(".edit")) return edit(button);
    if (button.matches(".do")) {
      if (!confirmed(button)) return;
      send(JSON.parse(button.value));
    }
    if (event.detail === 0) goOn(button); // no pointer did it
  });

  // The address names the open conversation, so that a reload and a bookmark come back to it.
  function followConversation() {
    const list = document.querySelector("#history .history");
    if (!list) return;
    const open = list.querySelector(".current .title");
    open?.setAttribute("aria-current", "page"); // Gradio drops it
    const id = open ? JSON.parse(open.value).conversation : "";
    const wanted = id ? `/?c=${encodeURIComponent(id)}` : "/";
    if (location.pathname + location.search !== wanted) history.replaceState(null, "", wanted);
    document.title = open ? `${open.textContent} · Askwell` : "Askwell";
  }

  new MutationObserver(followConversation).observe(document.body, { childList: true, subtree: true });
})();
