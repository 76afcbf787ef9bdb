import { answer } from "./machine.mjs";

window.answer = answer;
document.title = "ready";
