// The address is the state: what is open is written into it without adding steps to the history, unless asked.

/** Change parameters of the address; null takes one away. */
export function setAddress(changes: Record<string, string | null>, push = false): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href === location.href) return;
  if (push) history.pushState(history.state, "", url);
  else history.replaceState(history.state, "", url);
}

/** A parameter of the address. */
export function address(name: string): string | null {
  return new URL(location.href).searchParams.get(name);
}
