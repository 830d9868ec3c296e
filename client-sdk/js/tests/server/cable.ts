/** A cable between clients and a server, which tests cut in the middle of what goes through it. */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class Cable {
  /** The address to give to clients in place of the server's. */
  url = "";
  /** Bytes that clients have sent through it. */
  sent = 0;
  /** Bytes that the server has sent through it. */
  received = 0;
  /** How many more bytes, in both directions, until everything is cut, and after that the next time. */
  readonly cuts: number[] = [];
  /** After how many more bytes from the server one of them becomes another; null: none. */
  spoilAfter: number | null = null;
  readonly #to: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(url: string) {
    this.#to = new URL(url);
    this.#server = createServer((client) => {
      this.#join(client);
    });
  }

  /** Until the test ends. */
  static async to(url: string): Promise<Cable> {
    const cable = new Cable(url);
    cable.#server.listen(0, "127.0.0.1");
    await once(cable.#server, "listening");
    cable.url = `http://127.0.0.1:${(cable.#server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      cable.#server.close();
      cable.cut();
    });
    return cable;
  }

  /** Cuts all connections; others can be made. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#to.port), this.#to.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (data) => {
        if (from === client) this.sent += data.length;
        else this.#receive(data);
        this.#pass(data.length);
      });
      from.on("error", () => from.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  #receive(data: Buffer): void {
    this.received += data.length;
    if (this.spoilAfter === null) return;
    const place = this.spoilAfter;
    this.spoilAfter = place < data.length ? null : place - data.length;
    // Whoever it is passed on to reads the same buffer.
    if (place < data.length) data.writeUInt8(data.readUInt8(place) ^ 1, place);
  }

  #pass(bytes: number): void {
    const [left] = this.cuts;
    if (left === undefined) return;
    this.cuts[0] = left - bytes;
    if (left > bytes) return;
    this.cuts.shift();
    this.cut();
  }
}
