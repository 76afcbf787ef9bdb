// Back and forward find every list where it was left. The browser does this for the page, not for panes inside it.

const MARK = "filon-scroll:";

function boxes(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main.page, [data-scroll]")];
}

function key(index: number): string {
  return `${MARK}${location.pathname}${location.search}#${index}`;
}

export function scrolls(): void {
  history.scrollRestoration = "manual";
  const navigation = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  if (navigation?.type === "back_forward" || navigation?.type === "reload") {
    boxes().forEach((box, index) => {
      const kept = sessionStorage.getItem(key(index));
      if (kept !== null) restore(box, Number(kept));
    });
  }
  addEventListener("pagehide", () => boxes().forEach((box, i) => sessionStorage.setItem(key(i), String(box.scrollTop))));
}

/** Lists that grow while they are read may have to grow again before the old place exists. */
function restore(box: HTMLElement, top: number, tries = 20): void {
  box.scrollTop = top;
  if (box.scrollTop < top - 2 && tries > 0) setTimeout(() => restore(box, top, tries - 1), 60);
}
