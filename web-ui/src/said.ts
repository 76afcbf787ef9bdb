// One quiet line for what happened, read out by screen readers. What went wrong stays until it is put away.

const SECONDS = 5;
let timer = 0;

/** Say something for a few seconds. */
export function say(words: string): void {
  write(words, false);
  timer = window.setTimeout(hush, SECONDS * 1000);
}

/** Say what went wrong, until it is put away or something else is said. */
export function sayProblem(words: string): void {
  write(words, true);
}

/** Put the line away; says whether there was one. */
export function hush(): boolean {
  const said = document.querySelector("#said p")?.textContent;
  write("", false);
  return Boolean(said);
}

function write(words: string, stays: boolean): void {
  const line = document.querySelector<HTMLElement>("#said p");
  const close = document.querySelector<HTMLElement>("#said button");
  clearTimeout(timer);
  if (!line || !close) return;
  line.textContent = words;
  close.hidden = !stays;
}

/** The locale numbers and dates are written in, as the server writes them. */
export function locale(): string {
  return document.documentElement.dataset["locale"] ?? "en-GB";
}
