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

const PAUSE = 60;
const PATIENCE = 10_000;

/** Lists that grow while they are read may have to grow again before the old place exists. A hand that moves ends it. */
function restore(box: HTMLElement, top: number): void {
  let [height, since, given] = [0, performance.now(), false];
  const stop = (): void => void (given = true);
  const hands = ["wheel", "pointerdown", "keydown", "touchmove"];
  hands.forEach((kind) => addEventListener(kind, stop, { once: true, passive: true }));
  const step = (): void => {
    if (given) return;
    box.scrollTop = top;
    if (box.scrollHeight > height) [height, since] = [box.scrollHeight, performance.now()];
    if (box.scrollTop < top - 2 && performance.now() - since < PATIENCE) setTimeout(step, PAUSE);
    else hands.forEach((kind) => removeEventListener(kind, stop));
  };
  step();
}
