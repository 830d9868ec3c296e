import { Client, cookieSession, workerKeys, workerReader } from "@ymera/client";
import FileWorker from "@ymera/client/extraction?worker";
import KeysWorker from "@ymera/client/worker?worker";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/app";
import { applyTheme } from "./app/theme";
import "./theme.css";

applyTheme();

// Radix locks scrolling with a style element, which the page's CSP lets pass by this nonce.
const nonce = document.querySelector<HTMLMetaElement>("meta[name='csp-nonce']")?.content;
if (nonce) setNonce(nonce);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

const client = new Client({
  credentials: cookieSession(),
  keys: workerKeys({ worker: () => new KeysWorker() }),
  reader: workerReader({ worker: () => new FileWorker() }),
});
createRoot(root).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
);
