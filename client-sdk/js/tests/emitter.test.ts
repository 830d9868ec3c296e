import { expect, test, vi } from "vitest";

import { Cell, Emitter } from "../src/emitter.js";

test("a cell tells of changes, and of nothing else", () => {
  const cell = new Cell(1);
  const listener = vi.fn();
  const stop = cell.subscribe(listener);
  cell.set(1);
  expect(listener).not.toHaveBeenCalled();
  cell.set(2);
  expect(listener).toHaveBeenCalledOnce();
  expect(cell.get()).toBe(2);
  stop();
  cell.set(3);
  expect(listener).toHaveBeenCalledOnce();
});

test("one function that listens twice is stopped one at a time", () => {
  const emitter = new Emitter<{ event: number }>();
  const listener = vi.fn();
  const stop = emitter.on("event", listener);
  emitter.on("event", listener);
  emitter.emit("event", 1);
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  stop();
  emitter.emit("event", 2);
  expect(listener).toHaveBeenCalledTimes(3);
});

test("a listener that throws does not keep others from hearing, and its error is not lost", async () => {
  const emitter = new Emitter<{ event: number }>();
  const failure = new Error("a fault of the listener");
  emitter.on("event", () => {
    throw failure;
  });
  const heard = vi.fn();
  emitter.on("event", heard);
  const uncaught = new Promise((resolve) => {
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => {
      for (const listener of listeners) process.on("uncaughtException", listener);
      resolve(error);
    });
  });
  emitter.emit("event", 7);
  expect(heard).toHaveBeenCalledWith(7);
  expect(await uncaught).toBe(failure);
});
