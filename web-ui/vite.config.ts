import { defineConfig } from "vite";

// One script and one style sheet, hashed names, and the manifest the templates read. No inlined data: URLs: the
// content security policy allows files of this origin and nothing else.
export default defineConfig({
  base: "/assets/",
  build: {
    outDir: "../src/filon/web/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    rolldownOptions: { input: "main.ts" },
  },
});
