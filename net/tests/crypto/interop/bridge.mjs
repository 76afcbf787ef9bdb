// Node end of the test: one JSON question a line on standard input, one JSON answer a line on standard output.
import { createInterface } from "node:readline";
import { answer } from "./machine.mjs";

for (const name of ["log", "info", "debug", "warn"]) console[name] = (...parts) => console.error(...parts);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
}
