/** The server's files for runs: bytes go straight to it, encrypted where the room is, by whoever has the keys. */

import { v7 as uuidv7 } from "uuid";

import { Files } from "../files/files.js";
import { fileLanding } from "../files/local.js";
import type { SealedWay } from "../files/upload.js";
import type { CommandName, Commands, Id } from "../generated/protocol.js";
import { roomFiles } from "../sealed/channel.js";
import type { KeysLine } from "../sealed/keys.js";
import { Server } from "../server.js";
import { programToken, Session } from "../session.js";
import type { FileDesk } from "./files.js";
import type { Address } from "./lifeline.js";

type Send = <N extends CommandName>(
  name: N,
  payload: Commands[N]["payload"],
) => Promise<Commands[N]["reply"]>;

type Keys = Pick<KeysLine, "ask">;

/** Files of open rooms; with `keys`, of encrypted ones. */
export function serverDesk({ url, token }: Address, send: Send, keys?: Keys): FileDesk {
  const server = new Server(url);
  const files = new Files({
    server,
    session: new Session(server, programToken(token)),
    storage: undefined,
    command: send,
    sealed: (room) => Promise.resolve(keys === undefined ? null : sealedWay(room, send, keys)),
    holderOf: (fileId) => keys?.ask("commands.locate", [fileId]) ?? Promise.resolve(null),
  });
  return {
    upload: (room, content, options) => files.upload(room, content, options).done,
    read: async (fileId, number, signal) => {
      const options = number === undefined ? { signal } : { number, signal };
      const content = await (await files.download(fileId, options)).blob();
      return new Uint8Array(await content.arrayBuffer());
    },
    save: (fileId, path, options) => files.save(fileId, fileLanding(path), options),
    list: (filter) => send("file.list", filter),
  };
}

function sealedWay(room: Id, query: Send, keys: Keys): SealedWay {
  return {
    ...roomFiles(room, () => Promise.resolve(keys)),
    query,
    // The server knows no such commands: they go to whoever has the keys as they are.
    say: (name, payload) => {
      const said = { id: uuidv7(), account: null, name, payload: { ...payload }, lane: room };
      return keys.ask("commands.call", room, { ...said, calledAt: Date.now(), optimistic: [] });
    },
  };
}
