import { defineConfig } from "vite";

// Everything is beside index.html, wherever that is served: behind a proxy it may have a path.
export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../app/page/files",
    emptyOutDir: true,
    assetsDir: "page",
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
    license: { fileName: "page/licenses.md" },
  },
});
