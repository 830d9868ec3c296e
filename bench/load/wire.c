#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCES 16 /* loopback addresses that connections come from, so that ports do not run short */
#define BACKLOG (64 * 1024 * 1024)

struct wire wire;
static uint8_t buffer[WIRE_LARGEST];

uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void append(struct bytes *to, const void *data, size_t length) {
    if (to->length + length > to->capacity) {
        to->capacity = (to->length + length) * 2;
        to->data = realloc(to->data, to->capacity);
        if (!to->data)
            die("out of memory");
    }
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

static void discard(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static void watch(struct connection *c, bool writing, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = c};
    c->writing = writing;
    if (epoll_ctl(wire.epoll, operation, c->fd, &event) < 0)
        die("epoll_ctl: %s", strerror(errno));
}

void wire_open(struct connection *c, unsigned port, const char *path) {
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + c->index % SOURCES);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        die("connection %u: %s (see `ulimit -n`)", c->index, strerror(errno));
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("bind: %s", strerror(errno));
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        die("connect to port %u: %s", port, strerror(errno));
    c->state = UPGRADING;
    watch(c, true, EPOLL_CTL_ADD);
    char request[512];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n",
                          path, port);
    append(&c->out, request, (size_t)length);
}

void wire_close(struct connection *c) {
    if (c->state != CLOSED && c->state != WAITING)
        close(c->fd);
    c->state = CLOSED;
    discard(&c->in);
    discard(&c->out);
}

void wire_frame(struct connection *c, const void *text, size_t length) {
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t head[14] = {0x81};
    size_t size = 2;
    if (length < 126) {
        head[1] = (uint8_t)(0x80 | length);
    } else if (length <= UINT16_MAX) {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(length >> 8), head[3] = (uint8_t)length;
        size = 4;
    } else {
        die("a frame of %zu bytes is longer than this program sends", length);
    }
    memcpy(head + size, key, 4);
    append(&c->out, head, size + 4);
    append(&c->out, text, length);
    uint8_t *sent = c->out.data + c->out.length - length;
    for (size_t i = 0; i < length; i++)
        sent[i] ^= key[i & 3];
}

void wire_flush(struct connection *c) {
    size_t sent = 0;
    while (sent < c->out.length) {
        ssize_t n = send(c->fd, c->out.data + sent, c->out.length - sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN || errno == EINTR)
                break;
            wire.lost(c, strerror(errno), 0);
            return;
        }
        sent += (size_t)n;
    }
    c->out.length -= sent;
    if (c->out.length > BACKLOG)
        die("the server left %zu bytes unread: it is slower than the rate asked for", c->out.length);
    if (c->out.length)
        memmove(c->out.data, c->out.data + sent, c->out.length);
    else if (c->out.capacity > 4096)
        discard(&c->out);
    if (c->writing != (c->out.length > 0))
        watch(c, c->out.length > 0, EPOLL_CTL_MOD);
}

/* Takes the HTTP answer, if it is whole; returns how many bytes it had. */
static size_t upgrade(struct connection *c, const uint8_t *data, size_t length) {
    const char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (length < 12 || memcmp(data + 9, "101", 3) != 0) {
        char line[96] = "";
        snprintf(line, sizeof line, "HTTP answer %.3s", (const char *)data + 9);
        const char *after = memmem(data, length, "etry-After: ", 12);
        wire.lost(c, line, after ? atof(after + 12) : 0.5);
        return 0;
    }
    c->state = OPENING;
    wire.upgraded(c);
    return (size_t)((const uint8_t *)end + 4 - data);
}

/* Takes one frame, if it is whole; returns how many bytes it had. */
static size_t frame(struct connection *c, const uint8_t *data, size_t length) {
    if (length < 2)
        return 0;
    size_t size = data[1] & 0x7f, head = 2;
    if (size == 126) {
        head = 4;
        size = length < head ? 0 : (size_t)data[2] << 8 | data[3];
    } else if (size == 127) {
        head = 10;
        size = 0;
        for (size_t i = 2; i < head && length >= head; i++)
            size = size << 8 | data[i];
    }
    if (length < head || length < head + size) {
        if (head + size > WIRE_LARGEST)
            die("the server sent a frame of %zu bytes", size);
        return 0;
    }
    unsigned kind = data[0] & 0x0f;
    if (!(data[0] & 0x80) || data[0] & 0x70 || data[1] & 0x80)
        die("the server sent a fragmented, compressed or masked frame");
    if (kind == 1)
        wire.text(c, data + head, size);
    else if (kind == 8)
        wire.lost(c, "the server closed it", 0.5);
    return head + size;
}

static void readable(struct connection *c) {
    size_t kept = c->in.length;
    memcpy(buffer, c->in.data ? c->in.data : buffer, kept);
    size_t room = sizeof buffer - kept < WIRE_READ ? sizeof buffer - kept : WIRE_READ;
    ssize_t n = recv(c->fd, buffer + kept, room, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            wire.lost(c, n == 0 ? "the server ended it" : strerror(errno), 0.5);
        return;
    }
    size_t length = kept + (size_t)n, used = 0;
    while (used < length && c->state >= UPGRADING) {
        size_t taken = c->state == UPGRADING ? upgrade(c, buffer + used, length - used)
                                             : frame(c, buffer + used, length - used);
        if (taken == 0)
            break;
        used += taken;
    }
    if (c->state < UPGRADING)
        return;
    c->in.length = 0;
    if (used < length)
        append(&c->in, buffer + used, length - used);
    else if (c->in.capacity)
        discard(&c->in);
    if (c->out.length && !c->writing)
        wire_flush(c);
}

void wire_event(struct connection *c, uint32_t events) {
    if (c->state >= UPGRADING && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        readable(c);
    if (c->state >= UPGRADING && events & EPOLLOUT)
        wire_flush(c);
}
