import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const server = process.env["YMERA_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "#": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // light-dark() is used as it stands; older targets would turn it into a polyfill.
    cssTarget: ["chrome123", "safari17.5", "firefox128"],
    // A strict CSP: fonts come as files from this origin, never as data: URLs.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Libraries change seldom: apart from the console's own code, they stay in browsers' caches.
      // Those that few pages need come with these.
      output: {
        codeSplitting: {
          groups: [{ name: "libraries", test: /node_modules\/(?!qr\/decode|fflate|libsodium)/ }],
        },
      },
    },
    chunkSizeWarningLimit: 950,
  },
  worker: { format: "es" },
  server: {
    proxy: {
      "/api": server,
      "/socket.io": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
});
