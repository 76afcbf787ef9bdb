// Long texts of a transcript are folded: the rest is in the page, found by the search of the browser, and one click away.

/** Show the rest of a text, or fold it again. */
function fold(button: HTMLElement, open: boolean): void {
  const rest = button.parentElement?.querySelector(".rest");
  if (open) rest?.removeAttribute("hidden");
  else rest?.setAttribute("hidden", "until-found");
  button.setAttribute("aria-expanded", String(open));
  button.textContent = button.dataset[open ? "fewer" : "all"] ?? "";
  if (!open) button.closest("[data-row]")?.scrollIntoView({ block: "nearest" });
}

export function folds(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-fold]") : null;
    if (button) fold(button, button.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("beforematch", (event) => {
    const button = (event.target as Element).closest("[data-row]")?.querySelector<HTMLElement>("[data-fold]");
    if (button) fold(button, true);
  });
}
