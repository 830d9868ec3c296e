/**
 * A program on the official JavaScript client: says, in a line of JSON, what became of all that it tried.
 *
 * `node visit.mjs URL TOKEN TRANSPORTS`, with the names of the transports separated by commas.
 */

import { createRequire } from "node:module";

const { io } = createRequire(new URL("../../client-sdk/js/package.json", import.meta.url))("socket.io-client");
const [url, token, names] = process.argv.slice(2);
const transports = names.split(",");

const stranger = io(url, { transports, reconnection: false, forceNew: true, auth: { token: "ymt_wrong" } });
const refusal = await new Promise((resolve) => stranger.once("connect_error", (error) => resolve(error.data.code)));
stranger.disconnect();

const socket = io(url, { transports, reconnection: false, forceNew: true, auth: { token, protocol: 1 } });
const order = [];
socket.on("event", (event) => order.push(event.type));
const upgraded = new Promise((resolve) => socket.io.once("open", () => socket.io.engine.once("upgrade", resolve)));
const ready = await new Promise((resolve) => socket.once("ready", resolve));

const description = "☃".repeat(20_000);
const created = await socket.emitWithAck("project.create", { name: "Apollo", description });
const project = created.result.id;
const read = await socket.emitWithAck("project.get", { project_id: project });
if (transports.length > 1) await upgraded;
await socket.emitWithAck("room.join", { room: project });
await socket.emitWithAck("task.create", { project_id: project, title: "Land" });
order.push("answer");
const wrong = await socket.emitWithAck("task.explode", {});
const last = socket.io.engine.transport.name;
socket.disconnect();

console.log(
  JSON.stringify({
    refusal,
    member: ready.me.name,
    transport: last,
    whole: JSON.stringify(read.result).includes(description),
    order,
    wrong: wrong.error.code,
  }),
);
