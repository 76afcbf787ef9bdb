import { locale } from "./said";
import { ask } from "./send";

// Completion in the search box: a listbox in the sense of ARIA, moved through with the arrow keys.

interface Choice {
  start: number;
  text: string;
  label: string;
  count: number | null;
}

const WAIT = 90;

export function completion(): void {
  const form = document.querySelector<HTMLFormElement>("[data-query]");
  const input = form?.querySelector<HTMLInputElement>("#q");
  const list = form?.querySelector<HTMLElement>("#options");
  if (!form || !input || !list) return;
  let choices: Choice[] = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const close = (): void => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index: number): void => {
    at = index;
    [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
    input.setAttribute("aria-activedescendant", `option-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const take = (choice: Choice): void => {
    const rest = input.value.slice(input.selectionStart ?? input.value.length);
    input.value = input.value.slice(0, choice.start) + choice.text + rest;
    const end = choice.start + choice.text.length;
    input.setSelectionRange(end, end);
    close();
  };
  const show = (found: Choice[]): void => {
    choices = found;
    list.replaceChildren(
      ...found.map((choice, index) => {
        const row = document.createElement("li");
        row.id = `option-${index}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        const words = document.createElement("bdi");
        words.textContent = choice.label;
        row.append(words);
        if (choice.count !== null) {
          const count = document.createElement("span");
          count.textContent = choice.count.toLocaleString(locale());
          row.append(count);
        }
        row.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(choice);
        });
        return row;
      }),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
  };
  const look = async (): Promise<void> => {
    const mine = ++asked;
    const query = new URLSearchParams({ q: input.value, cursor: String(input.selectionStart ?? 0) });
    try {
      const found = await ask<Choice[]>(`/search/complete?${query}`);
      if (mine === asked && document.activeElement === input) show(found);
    } catch {
      close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (list.hidden || !choices.length) return;
    else if (event.key === "ArrowDown") mark((at + 1) % choices.length);
    else if (event.key === "ArrowUp") mark((at - 1 + choices.length) % choices.length);
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) take(choices[at] as Choice);
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked++;
    close();
  });
  const problem = Number.parseInt(input.dataset["position"] ?? "", 10);
  if (!Number.isNaN(problem)) {
    input.focus();
    input.setSelectionRange(problem, problem + 1);
  }
}
