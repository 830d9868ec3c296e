// The TypeScript core, for Node and a browser, and the SDK for a browser, with what measures them.
import { fileURLToPath } from "node:url";

const clients = new URL("../../client-sdk/", import.meta.url);
const path = (name, base) => fileURLToPath(new URL(name, base));

export default {
  root: path(".", import.meta.url),
  logLevel: "error",
  resolve: {
    alias: {
      "libsodium-wrappers-sumo": path(
        "node_modules/libsodium-wrappers-sumo/dist/modules-sumo-esm/libsodium-wrappers.mjs",
        clients,
      ),
    },
  },
  build: {
    outDir: path("../.build/sealed/assets", import.meta.url),
    emptyOutDir: true,
    minify: false,
    target: "es2022",
    lib: {
      entry: {
        core: "sealed_core.mjs",
        client: "sealed_client.mjs",
        worker: path("js/src/sealed/worker.ts", clients),
      },
      formats: ["es"],
      fileName: (_, name) => `${name}.mjs`,
    },
    rolldownOptions: { external: [/^node:/], output: { chunkFileNames: "[name].mjs" } },
  },
};
