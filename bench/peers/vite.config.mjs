// One file of the TypeScript core and what measures it, for Node and for a browser's worker.
import { fileURLToPath } from "node:url";

const packages = new URL("../../client-sdk/node_modules/", import.meta.url);

export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  logLevel: "error",
  resolve: {
    alias: {
      "libsodium-wrappers-sumo": fileURLToPath(
        new URL("libsodium-wrappers-sumo/dist/modules-sumo-esm/libsodium-wrappers.mjs", packages),
      ),
    },
  },
  build: {
    outDir: fileURLToPath(new URL("../.build/sealed", import.meta.url)),
    emptyOutDir: true,
    minify: false,
    target: "es2022",
    lib: { entry: "sealed_core.mjs", formats: ["es"], fileName: () => "sealed_core.mjs" },
    rolldownOptions: { external: [/^node:/], output: { codeSplitting: false } },
  },
};
