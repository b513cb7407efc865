// Where a number leads, before it is clicked: section path and quote, when a pointer or the keyboard rests on it.
(() => {
  const peek = document.createElement("div");
  peek.className = "peek";
  peek.id = "peek";
  peek.setAttribute("role", "tooltip");
  peek.hidden = true;
  let shownFor = null;

  function show(chip) {
    if (chip === shownFor) return;
    hide();
    const words = chip.title || chip.said;
    if (!words) return;
    chip.said = words;
    chip.removeAttribute("title"); // else the browser would show the same once more
    const [path, ...quote] = words.split("\n");
    const [where, what] = [document.createElement("p"), document.createElement("p")];
    where.className = "peek-path";
    where.textContent = path;
    what.className = "peek-quote";
    what.textContent = quote.join("\n");
    peek.replaceChildren(where, what);
    peek.hidden = false;
    place(chip.getBoundingClientRect());
    chip.setAttribute("aria-describedby", "peek");
    shownFor = chip;
  }

  // Above the number if there is room, else below; never beyond the edge of the window.
  function place(chip) {
    const { width, height } = peek.getBoundingClientRect();
    const left = Math.min(Math.max(8, chip.left + chip.width / 2 - width / 2), innerWidth - width - 8);
    const above = chip.top - height - 8;
    peek.style.translate = `${Math.round(left)}px ${Math.round(above > 8 ? above : chip.bottom + 8)}px`;
  }

  function hide() {
    peek.hidden = true;
    shownFor?.removeAttribute("aria-describedby");
    if (shownFor?.said) shownFor.title = shownFor.said;
    shownFor = null;
  }

  const chipAt = (event) => event.target.closest?.("#chat a.cite");
  const usesMouse = matchMedia("(hover: hover)");
  document.addEventListener("pointermove", (event) => {
    if (!usesMouse.matches || event.target === shownFor) return;
    const chip = chipAt(event);
    if (chip) show(chip);
    else if (shownFor && !shownFor.matches(":focus-visible")) hide();
  });
  document.addEventListener("focusin", (event) => {
    const chip = chipAt(event);
    if (chip?.matches(":focus-visible")) show(chip);
    else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("click", hide, true);
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.body.append(peek);
})();
