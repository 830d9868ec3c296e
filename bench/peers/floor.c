/* The floor: what one core can do at all. A WebSocket server that sends each message of a connection that
 * opened /publish to every connection that opened /room, unread, and returns what comes on /echo.
 * `floor frames` makes one send call for each frame and recipient; `floor joined` sends what one turn of
 * its loop gathered with one call for each recipient. It accepts the handshake of the load generator only,
 * whose key is the example of RFC 6455.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST 65536u
#define MOST 65536

struct client {
    int fd;
    char kind; /* the first letter of its path; 0 before its handshake */
    bool writing;
    size_t in_length, out_length;
    uint8_t *in, *out;
};

static struct client *members[MOST];
static int member_count, epoll;
static bool joined;
static uint8_t gathered[1 << 22];
static size_t gathered_length;

static void watch(struct client *c, bool writing, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = c};
    c->writing = writing;
    epoll_ctl(epoll, operation, c->fd, &event);
}

static void leave(struct client *c) {
    for (int i = 0; i < member_count; i++)
        if (members[i] == c)
            members[i--] = members[--member_count];
    close(c->fd);
    free(c->in);
    free(c->out);
    c->fd = -1;
    free(c);
}

static void put(struct client *c, const uint8_t *data, size_t length) {
    size_t sent = 0;
    if (!c->out_length) {
        ssize_t n = send(c->fd, data, length, MSG_NOSIGNAL);
        if (n == (ssize_t)length)
            return;
        sent = n > 0 ? (size_t)n : 0;
    }
    c->out = realloc(c->out, c->out_length + length - sent);
    memcpy(c->out + c->out_length, data + sent, length - sent);
    c->out_length += length - sent;
    if (!c->writing)
        watch(c, true, EPOLL_CTL_MOD);
}

static void writable(struct client *c) {
    ssize_t n = send(c->fd, c->out, c->out_length, MSG_NOSIGNAL);
    if (n > 0) {
        c->out_length -= (size_t)n;
        memmove(c->out, c->out + n, c->out_length);
    }
    if (!c->out_length)
        watch(c, false, EPOLL_CTL_MOD);
}

static void broadcast(const uint8_t *data, size_t length) {
    for (int i = 0; i < member_count; i++)
        put(members[i], data, length);
}

static void flush(void) {
    if (gathered_length)
        broadcast(gathered, gathered_length);
    gathered_length = 0;
}

static void message(struct client *c, uint8_t *text, size_t length, const uint8_t *key) {
    uint8_t frame[LARGEST + 4] = {0x81, (uint8_t)length};
    size_t head = 2;
    if (length >= 126) {
        frame[1] = 126, frame[2] = (uint8_t)(length >> 8), frame[3] = (uint8_t)length;
        head = 4;
    }
    for (size_t i = 0; i < length; i++)
        frame[head + i] = text[i] ^ key[i & 3];
    if (c->kind == 'e') {
        put(c, frame, head + length);
    } else if (!joined) {
        broadcast(frame, head + length);
    } else {
        if (gathered_length + head + length > sizeof gathered)
            flush();
        memcpy(gathered + gathered_length, frame, head + length);
        gathered_length += head + length;
    }
}

static size_t handshake(struct client *c) {
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    uint8_t *end = memmem(c->in, c->in_length, "\r\n\r\n", 4);
    if (!end || c->in_length < 6)
        return 0;
    c->kind = (char)c->in[5];
    if (c->kind == 'r' && member_count < MOST)
        members[member_count++] = c;
    put(c, (const uint8_t *)answer, sizeof answer - 1);
    return (size_t)(end + 4 - c->in);
}

static size_t frame(struct client *c, uint8_t *data, size_t left) {
    if (left < 2)
        return 0;
    size_t length = data[1] & 0x7f, head = length == 126 ? 8 : 6;
    if (left < head)
        return 0;
    if (length == 126)
        length = (size_t)data[2] << 8 | data[3];
    if (left < head + length)
        return 0;
    if ((data[0] & 15) == 1)
        message(c, data + head, length, data + head - 4);
    return head + length;
}

static void readable(struct client *c) {
    if (!c->in)
        c->in = malloc(LARGEST * 2);
    ssize_t n = recv(c->fd, c->in + c->in_length, LARGEST * 2 - c->in_length, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            leave(c);
        return;
    }
    c->in_length += (size_t)n;
    size_t used = 0, taken;
    do {
        taken = c->kind ? frame(c, c->in + used, c->in_length - used) : handshake(c);
        used += taken;
    } while (taken);
    c->in_length -= used;
    memmove(c->in, c->in + used, c->in_length);
    if (c->kind == 'r' && !c->in_length) {
        free(c->in);
        c->in = NULL;
    }
}

static void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        int on = 1;
        struct client *c = calloc(1, sizeof *c);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c->fd = fd;
        watch(c, false, EPOLL_CTL_ADD);
    }
}

int main(int count, char **arguments) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    joined = count > 1 && strcmp(arguments[1], "joined") == 0;
    epoll = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&at, size) < 0 || listen(listener, 4096) < 0)
        return perror("floor"), 1;
    getsockname(listener, (struct sockaddr *)&at, &size);
    struct epoll_event events[1024], own = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &own);
    printf("{\"port\": %u}\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            struct client *c = events[i].data.ptr;
            if (!c)
                accept_all(listener);
            else if (events[i].events & EPOLLOUT)
                writable(c);
            else
                readable(c);
        }
        flush();
    }
}
