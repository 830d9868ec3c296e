/** A network between a client and a server, which tests cut and make unreliable. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** What becomes of a message: the messages that go on in its place, in order. */
export type Tamper = (message: string) => readonly string[];

export class Network {
  /** The address to give to clients in place of the server's. */
  url = "";
  /** What the server sends passes through here. */
  inbound: Tamper = (message) => [message];
  /** What clients send passes through here. */
  outbound: Tamper = (message) => [message];
  /** False: nobody gets through, neither those who are connected. */
  #up = true;
  readonly #server: string;
  readonly #http: Server = createServer();
  readonly #pairs = new Set<readonly [WebSocket, WebSocket]>();

  private constructor(server: string) {
    this.#server = server.replace("http", "ws");
  }

  /** A network in front of a server, for clients with a program's token: it carries no REST. */
  static async before(server: string): Promise<Network> {
    const network = new Network(server);
    const sockets = new WebSocketServer({ server: network.#http });
    sockets.on("connection", (client, request) => {
      network.#join(client, request.url ?? "/");
    });
    network.#http.listen(0, "127.0.0.1");
    await once(network.#http, "listening");
    network.url = `http://127.0.0.1:${(network.#http.address() as AddressInfo).port}`;
    return network;
  }

  /** Cuts all connections; new ones fail until `restore`. */
  cut(): void {
    this.#up = false;
    this.drop();
  }

  restore(): void {
    this.#up = true;
  }

  /** Cuts all connections, but lets new ones be made. */
  drop(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.terminate();
    this.#pairs.clear();
  }

  close(): void {
    this.cut();
    this.#http.close();
  }

  #join(client: WebSocket, path: string): void {
    if (!this.#up) {
      client.terminate();
      return;
    }
    const server = new WebSocket(this.#server + path);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const early: string[] = [];
    const toServer = (message: string): void => {
      if (server.readyState === WebSocket.CONNECTING) early.push(message);
      else if (server.readyState === WebSocket.OPEN) server.send(message);
    };
    server.on("open", () => {
      for (const message of early) server.send(message);
    });
    client.on("message", (data: Buffer) => {
      for (const message of this.outbound(data.toString())) toServer(message);
    });
    server.on("message", (data: Buffer) => {
      for (const message of this.inbound(data.toString())) client.send(message);
    });
    for (const socket of pair) {
      socket.on("error", () => {
        socket.terminate();
      });
      socket.on("close", () => {
        for (const each of pair) each.terminate();
        this.#pairs.delete(pair);
      });
    }
  }
}
