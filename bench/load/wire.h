/* A client's non-blocking connection: opening handshake, WebSocket frames in both directions, output that
 * waits for room in the socket. It knows nothing of what is said in the frames.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_READ (256 * 1024)
#define WIRE_LARGEST (8 * 1024 * 1024)

enum state { CLOSED, WAITING, UPGRADING, OPENING, JOINING, READY };

struct bytes {
    uint8_t *data;
    size_t length, capacity;
};

struct connection {
    int fd;
    enum state state;
    unsigned index;
    bool writing;     /* epoll is asked to tell when there is room */
    struct bytes in;  /* the beginning of a frame whose end has not come */
    struct bytes out; /* what the socket had no room for */
    uint64_t began, retry_at;
    uint64_t next;    /* the number that the next broadcast received must at least have */
    uint64_t requests, answers;
    uint32_t joins, joined, in_flight;
};

/* What a connection calls back with. `text` ends at `length`; no zero follows. */
typedef void on_upgraded(struct connection *);
typedef void on_text(struct connection *, const uint8_t *text, size_t length);
typedef void on_lost(struct connection *, const char *why, double retry_seconds);

struct wire {
    int epoll;
    on_upgraded *upgraded;
    on_text *text;
    on_lost *lost;
};

extern struct wire wire;

uint64_t now(void); /* CLOCK_MONOTONIC, nanoseconds */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void append(struct bytes *to, const void *data, size_t length);
void wire_open(struct connection *, unsigned port, const char *path);
void wire_close(struct connection *);
void wire_event(struct connection *, uint32_t events);
void wire_frame(struct connection *, const void *text, size_t length); /* queues; wire_flush sends */
void wire_flush(struct connection *);

#endif
