// One quiet line for what happened, read out by screen readers.

let timer = 0;

/** Say something for a few seconds. */
export function say(words: string): void {
  const line = document.getElementById("said");
  if (!line) return;
  line.textContent = words;
  clearTimeout(timer);
  timer = window.setTimeout(() => (line.textContent = ""), 5000);
}

/** The locale numbers and dates are written in, as the server writes them. */
export function locale(): string {
  return document.documentElement.dataset["locale"] ?? "en-GB";
}
