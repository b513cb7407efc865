// A server that is gone: say so, keep what was typed, and say when it is back.
(() => {
  const notice = document.createElement("div");
  notice.className = "offline";
  notice.setAttribute("role", "status");
  let waiting = null;

  const field = () => document.querySelector("#question textarea");
  const isBusy = () => document.querySelector("#question .stop-button") !== null;
  const isUp = () => fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);

  async function check() {
    if (await isUp()) {
      if (waiting) notice.textContent = "Connected again.";
      clearInterval(waiting);
      waiting = null;
      setTimeout(() => waiting || notice.replaceChildren(), 3000);
    } else {
      notice.textContent = "No connection to Askwell. What you typed stays here; this goes away by itself once the server answers again.";
      waiting ??= setInterval(check, 2000);
    }
  }

  addEventListener("offline", check);
  addEventListener("online", check);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.closest?.("#question")) check();
  });
  document.addEventListener("click", (event) => event.target.closest?.("#question button, button.do") && check());
  setInterval(() => isBusy() && !waiting && check(), 3000); // it may go while an answer is written

  // Gradio loads the page anew when a lost server answers again. What was typed, or asked and not answered, comes along.
  const DRAFT = "askwell-draft";
  addEventListener("pagehide", () => {
    const asked = isBusy() ? [...document.querySelectorAll("#chat .asked")].pop()?.innerText : "";
    sessionStorage.setItem(DRAFT, field()?.value || asked || "");
  });
  const restored = new MutationObserver(() => {
    if (!field()) return;
    restored.disconnect();
    const draft = sessionStorage.getItem(DRAFT);
    if (!draft || field().value) return;
    field().value = draft;
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.body.append(notice);
  restored.observe(document.body, { childList: true, subtree: true });
})();
