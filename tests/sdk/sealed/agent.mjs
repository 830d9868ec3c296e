/**
 * A process of an agent on the JavaScript SDK, for tests in Python.
 *
 * `node agent.mjs URL TOKEN FOLDER SECONDS` keeps its keys in the folder, and gives its runs up after so many seconds of
 * silence. It says `settled` once it can be in encrypted rooms.
 */

import { join } from "node:path";

import { Agent, Retry } from "../../../client-sdk/js/dist/agent/index.js";
import { fileKeys } from "../../../client-sdk/js/dist/node.js";

const [url, token, folder, seconds] = process.argv.slice(2);
const keys = fileKeys({ folder: join(folder, "keys"), keyFile: join(folder, "keys.key") });
const agent = new Agent({ url, token, keys, leaseSeconds: Number(seconds) });

const words = { type: "object", properties: { title: { type: "string" }, words: { type: "integer" } } };
agent.capability("shorten", { input: words }, async (run, { title, words }) => {
  run.progress(0.5, "half");
  run.output("so far");
  run.log.info("halfway", { words });
  await run.attach("notes.txt", "all of it");
  run.summary = "short";
  return title.split(" ").slice(0, words).join(" ");
});

agent.capability("inquire", {}, async (run) => {
  const size = await run.ask("Which size?", { choices: ["small", "large"] });
  const approval = await run.approve("order", { size }, { ceiling: 10, prompt: "Allow order?" });
  await approval.use({ size }, 9);
  return size;
});

agent.capability("keep", {}, async (run) => {
  const file = await run.files.upload(Buffer.from("a secret"), { name: "secret.txt" });
  return new TextDecoder().decode(await run.files.read(file.id));
});

agent.capability("delegate", {}, async (run) => {
  // The second attempt meets the calls of the first.
  const first = await run.call("shorten", { title: "one two", words: 1 });
  if (run.attempt === 1) throw new Retry("once more");
  const failed = await run.call("shorten", { title: 3 }).catch((error) => error.reply.state);
  return `${first}, ${failed}`;
});

agent.capability("pass_on", {}, (run) => run.handOff("finish", { note: "Look.", result: { half: "done" } }));
agent.capability("finish", {}, (run) => `${run.handed.note} ${run.handed.result.half}`);

agent.capability("wait", {}, (run) => {
  run.progress(null, "waiting");
  return new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason)));
});

const running = agent.run();
await agent.settled;
console.log("settled");
await running;
