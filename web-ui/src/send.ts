import { hush, sayProblem } from "./said";

// Every request of a page. Those that change something carry the CSRF token of this session; all say in which zone and
// language the page was written, because another tab may have chosen others since; and what fails is told.

const token = (): string => document.querySelector<HTMLMetaElement>('meta[name="filon-csrf"]')?.content ?? "";

/** A problem the server told in plain words. ``html``: the same as it would stand on a page, or null. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly hint: string | null,
    readonly html: string | null = null,
  ) {
    super(message);
  }
}

function own(): Record<string, string> {
  const { lang, dataset } = document.documentElement;
  return { "X-Filon-Csrf": token(), "X-Filon-Zone": dataset["shownZone"] ?? "", "X-Filon-Language": lang };
}

function tell(problem: Refused): void {
  sayProblem(problem.hint ? `${problem.message} ${problem.hint}` : problem.message);
}

/** Teach htmx to send what our own requests send, and tell what fails and was not told where it was asked for. */
export function guard(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>).detail;
    Object.assign(ctx.request.headers, own());
  });
  document.addEventListener("htmx:response:error", (event) => {
    tell(refusal((event as CustomEvent<{ ctx: { text: string } }>).detail.ctx.text));
  });
  document.addEventListener("htmx:error", (event) => {
    if ((event as CustomEvent<{ ctx?: unknown }>).detail.ctx) tell(unreachable());
  });
  addEventListener("unhandledrejection", (event) => {
    if (!(event.reason instanceof Refused)) return;
    event.preventDefault();
    tell(event.reason);
  });
  document.querySelector("[data-said-close]")?.addEventListener("click", hush);
}

/** JSON from an address of this room; Refused where it says why not, or does not answer. */
export async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await request(url, "application/json", init);
  return (await response.json()) as T;
}

/** Send a form. */
export function send<T>(url: string, fields: Record<string, string>): Promise<T> {
  return ask<T>(url, { method: "POST", body: new URLSearchParams(fields) });
}

/** HTML of a part of a page; Refused as above. */
export async function part(url: string, init: RequestInit = {}): Promise<string> {
  const response = await request(url, "text/html", { ...init, headers: { "HX-Request": "true" } });
  return response.text();
}

/** Send a form and take the answer as HTML. */
export function sendForPart(url: string, fields: Record<string, string>): Promise<string> {
  return part(url, { method: "POST", body: new URLSearchParams(fields) });
}

async function request(url: string, accept: string, init: RequestInit): Promise<Response> {
  const headers = new Headers({ ...own(), Accept: accept });
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers });
  } catch (error) {
    throw error instanceof TypeError ? unreachable() : error;
  }
  if (!response.ok) throw refusal(await response.text());
  return response;
}

function unreachable(): Refused {
  const words = document.getElementById("said")?.dataset ?? {};
  return new Refused(words["unreachable"] ?? "", words["unreachableHint"] ?? null);
}

/** What an answer says of itself: JSON of a problem, or the page of one. */
function refusal(text: string): Refused {
  if (text.startsWith("{")) {
    const { problem, hint } = JSON.parse(text) as { problem: string; hint: string | null };
    return new Refused(problem, hint);
  }
  const box = new DOMParser().parseFromString(text, "text/html").querySelector(".problem");
  const words = (selector: string): string | null => box?.querySelector(selector)?.textContent ?? null;
  return new Refused(words("h1") ?? text, words("p:not(.quiet)"), box?.outerHTML ?? null);
}

/** Upload one file as the body of a PUT, telling how far it is (0 to 1). */
export function upload(url: string, file: File, told: (part: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(own())) request.setRequestHeader(name, value);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? done() : failed(refusal(request.responseText)));
    request.onerror = () => failed(unreachable());
    request.send(file);
  });
}
