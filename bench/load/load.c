/* The load of the benchmarks: many WebSocket clients in one thread, and what they measure.
 *
 * Senders send a message made from a template; every message carries `sent:TIME:NUMBER`, by which each
 * recipient knows when it was due and that none was lost, doubled or overtaken. It prints JSON lines:
 * `ready` (all are connected), `start` and `stop` (of the measured time) and `result`.
 */
#include "histogram.h"
#include "message.h"
#include "options.h"
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define JOINS_AT_ONCE 8u
#define PATIENCE (3 * SECOND) /* without any delivery, after which none is expected any more */

static struct connection *all, **senders;
static unsigned total, ready, opening, opened, waiting;
static uint64_t sent, completed, deliveries, acks, failures, refusals, disorder, doubled, bytes_in, lost;
static uint64_t start, measure_from, measure_to, next_churn;
static uint16_t *arrived;   /* by broadcast: how many recipients have it */
static uint64_t *requested; /* by sender and request: when it was due */
static struct histogram latency, ack_latency, connecting;
static char first_reply[200];
static bool measuring, ended;

/* Messages ------------------------------------------------------------------------------------------ */

static void send_message(struct connection *c, uint64_t due) {
    static char text[LONGEST];
    uint64_t request = c->requests++;
    size_t length = message_write(text, due, sent, request + RING);
    requested[(size_t)(c->index - senders[0]->index) * RING + request % RING] = due;
    arrived[sent++ % RING] = 0;
    c->in_flight++;
    wire_frame(c, text, length);
}

static bool measured(uint64_t due) { return due >= measure_from && due < measure_to; }

static void delivered(struct connection *c, uint64_t due, uint64_t k, uint64_t at) {
    if (k >= sent || due < start)
        return; /* from a run before this one */
    disorder += options.senders == 1 && k < c->next; /* several senders have no order among them */
    c->next = k + 1;
    deliveries += measuring;
    if (measured(due))
        histogram_add(&latency, at > due ? at - due : 0);
    uint16_t count = ++arrived[k % RING];
    completed += count == options.recipients_each;
    doubled += count > options.recipients_each && options.churn == 0;
}

static void acknowledged(struct connection *c, const uint8_t *text, size_t length, uint64_t id) {
    const uint8_t *failed = memmem(text, length < 32 ? length : 32, "\"ok\":false", 10);
    if (!first_reply[0] || (failed && !failures))
        snprintf(first_reply, sizeof first_reply, "%.*s", (int)(length < 190 ? length : 190), text);
    failures += failed != NULL;
    c->answers++;
    c->in_flight--;
    uint64_t due = requested[(size_t)(c->index - senders[0]->index) * RING + id % RING];
    if (measured(due))
        histogram_add(&ack_latency, now() - due);
    acks += measuring;
}

/* Connections --------------------------------------------------------------------------------------- */

static bool is_sender(const struct connection *c) {
    return options.senders_listen ? c->index < options.senders : c->index >= options.connections;
}

static void begin(struct connection *c) {
    bool apart = is_sender(c) && !options.senders_listen;
    c->joins = c->joined = 0;
    opening++;
    wire_open(c, apart ? options.sender_port : options.ports[c->index % options.port_count],
              apart ? options.sender_path : options.path);
}

static void open_next(void) {
    while (opening < options.at_once && opened < total) {
        all[opened].began = now();
        begin(&all[opened++]);
    }
}

static void send_joins(struct connection *c) {
    char text[2048];
    while (c->joins < options.joins_each && c->joins - c->joined < JOINS_AT_ONCE) {
        unsigned line = (unsigned)(((uint64_t)c->index * options.joins_each + c->joins) % options.joins.count);
        int size = snprintf(text, sizeof text, "42%u%s", c->joins++, options.joins.line[line]);
        if (size >= (int)sizeof text)
            die("--joins: a line is too long");
        wire_frame(c, text, (size_t)size);
    }
    wire_flush(c);
}

static void now_ready(struct connection *c) {
    c->state = READY;
    ready++;
    opening--;
    histogram_add(&connecting, now() - c->began);
    open_next();
}

static void connected(struct connection *c) {
    if (options.joins.count && (c->index < options.connections)) {
        c->state = JOINING;
        send_joins(c);
    } else {
        now_ready(c);
    }
}

static void on_upgrade(struct connection *c) {
    if (!options.socketio)
        connected(c);
}

static void greet(struct connection *c, const uint8_t *text, size_t length) {
    char hello[512];
    if (text[0] == '0') {
        int size = 2;
        if (options.tokens.count)
            size = snprintf(hello, sizeof hello, "40{\"token\":\"%s\",\"protocol\":1}",
                            options.tokens.line[c->index % options.tokens.count]);
        else
            memcpy(hello, "40", 2);
        wire_frame(c, hello, (size_t)size);
        wire_flush(c);
    } else if (length > 1 && text[0] == '4' && text[1] == '0') {
        connected(c);
    } else if (length > 1 && text[0] == '4' && text[1] == '4') {
        if (!memmem(text, length, "\"retryable\":true", 16))
            die("connection %u was refused: %.*s", c->index, (int)(length < 300 ? length : 300), text);
        const char *after = memmem(text, length, "\"retry_after\":", 14);
        wire.lost(c, "refused", after ? atof(after + 14) : 0.5);
    }
}

static void joined(struct connection *c, const uint8_t *text, size_t length) {
    if (length < 3 || text[0] != '4' || text[1] != '3')
        return;
    if (!memmem(text, length < 32 ? length : 32, "\"ok\":true", 9))
        die("a join failed: %.*s", (int)(length < 300 ? length : 300), text);
    if (++c->joined == options.joins_each)
        now_ready(c);
    else
        send_joins(c);
}

static void on_message(struct connection *c, const uint8_t *text, size_t length) {
    static size_t usual;
    uint64_t at = now();
    if (options.socketio) {
        if (length == 1 && text[0] == '2') {
            wire_frame(c, "3", 1);
            wire_flush(c);
            return;
        }
        if (c->state == OPENING) {
            greet(c, text, length);
            return;
        }
        if (c->state == JOINING)
            joined(c, text, length);
        if (length > 2 && text[0] == '4' && text[1] == '3' && c->state == READY && is_sender(c)) {
            char *end;
            uint64_t id = strtoull((const char *)text + 2, &end, 10);
            if (id >= RING)
                acknowledged(c, text, length, id - RING);
            return;
        }
        if (length < 2 || text[0] != '4' || text[1] != '2')
            return;
    } else if (is_sender(c)) {
        acknowledged(c, text, length, c->answers);
        return;
    }
    if (c->state == READY)
        bytes_in += length;
    const uint8_t *end = text + length;
    uint64_t due, k;
    while ((text = message_find(text, end, &usual, &due, &k)))
        delivered(c, due, k, at);
}

static void on_loss(struct connection *c, const char *why, double retry_seconds) {
    if (c->state == READY || c->state == CLOSED) {
        lost++;
        fprintf(stderr, "load: connection %u was lost: %s\n", c->index, why);
        if (is_sender(c) || lost > 100)
            die("cannot go on");
        ready--;
        wire_close(c);
        return;
    }
    if (++refusals > 20 * (uint64_t)total)
        die("connections are refused again and again: %s", why);
    opening--;
    wire_close(c);
    c->state = WAITING;
    c->retry_at = now() + (uint64_t)((retry_seconds * (1 + drand48() / 2)) * (double)SECOND);
    waiting++;
}

static void retry(uint64_t at) {
    for (unsigned i = 0; waiting && i < total; i++) {
        if (all[i].state == WAITING && all[i].retry_at <= at) {
            waiting--;
            begin(&all[i]);
        }
    }
}

/* The run ------------------------------------------------------------------------------------------- */

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void poll_once(uint64_t until) {
    static struct epoll_event events[1024];
    uint64_t at = now();
    struct timespec patience = {0};
    if (until > at) {
        uint64_t left = until - at < SECOND / 10 ? until - at : SECOND / 10;
        patience.tv_nsec = (long)left;
    }
    int count = epoll_pwait2(wire.epoll, events, 1024, &patience, NULL);
    if (count < 0 && errno != EINTR)
        die("epoll_pwait2: %s", strerror(errno));
    for (int i = 0; i < count; i++)
        wire_event(events[i].data.ptr, events[i].events);
}

static void connect_all(void) {
    uint64_t from = now();
    open_next();
    while (ready < total) {
        poll_once(now() + SECOND / 100);
        if (waiting)
            retry(now());
        if ((double)(now() - from) > options.limit * (double)SECOND)
            die("after %.0f s only %u of %u connections are ready", options.limit, ready, total);
    }
    double seconds = (double)(now() - from) / (double)SECOND;
    printf("{\"line\":\"ready\",\"connections\":%u,\"seconds\":%.4f,\"refused\":%llu,\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f,\"slowest_ms\":%.3f}\n",
           ready, seconds, (unsigned long long)refusals, (double)histogram_at(&connecting, 0.5) / 1e6,
           (double)histogram_at(&connecting, 0.99) / 1e6, (double)connecting.largest / 1e6);
    fflush(stdout);
    for (unsigned i = 0; i < total; i++)
        all[i].next = 0;
}

/* Sends what may be sent now, and returns when it is to be looked at again. */
static uint64_t pace(uint64_t at) {
    static unsigned turn;
    uint64_t again = at + SECOND / 10;
    if (options.rate > 0) {
        for (;; turn++) {
            uint64_t due = start + (uint64_t)((double)sent * (double)SECOND / options.rate);
            if (due > at) {
                again = due < again ? due : again;
                break;
            }
            send_message(senders[turn % options.senders], due);
        }
    } else if (options.window) {
        for (; sent - completed < options.window; turn++)
            send_message(senders[turn % options.senders], at);
    } else {
        for (unsigned i = 0; i < options.senders; i++)
            while (senders[i]->in_flight < options.in_flight)
                send_message(senders[i], at);
    }
    for (unsigned i = 0; i < options.senders; i++)
        if (senders[i]->out.length && !senders[i]->writing)
            wire_flush(senders[i]);
    return again;
}

/* Ends one connection and opens it again. */
static void churn(uint64_t at) {
    static unsigned turn;
    while (next_churn <= at) {
        struct connection *c = &all[turn++ % options.connections];
        next_churn += (uint64_t)((double)SECOND / options.churn);
        if (c->state != READY || is_sender(c))
            continue;
        wire_close(c);
        ready--;
        c->began = at;
        begin(c);
    }
}

static void drain(void) {
    uint64_t quiet = now() + PATIENCE, before = 0;
    uint64_t until = now() + 30 * SECOND;
    while (now() < quiet && now() < until && (completed < sent || options.in_flight)) {
        poll_once(quiet);
        unsigned open = 0;
        for (unsigned i = 0; i < options.senders; i++)
            open += senders[i]->in_flight;
        if (options.in_flight && !open && (completed == sent || !deliveries))
            break;
        if (latency.count + ack_latency.count + completed != before)
            before = latency.count + ack_latency.count + completed, quiet = now() + PATIENCE;
    }
}

static void print_latency(const char *name, const struct histogram *h) {
    printf(",\"%s\":{\"count\":%llu,\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f,\"max_ms\":%.4f}", name,
           (unsigned long long)h->count, (double)histogram_at(h, 0.5) / 1e6, (double)histogram_at(h, 0.99) / 1e6,
           (double)histogram_at(h, 0.999) / 1e6, (double)h->largest / 1e6);
}

static void print_result(double seconds, double cpu) {
    printf("{\"line\":\"result\",\"seconds\":%.4f,\"sent\":%llu,\"deliveries\":%llu,\"acks\":%llu,"
           "\"failures\":%llu,\"undelivered\":%llu,\"disorder\":%llu,\"doubled\":%llu,\"lost\":%llu,\"refused\":%llu,"
           "\"bytes\":%llu,\"load_cpu_share\":%.4f",
           seconds, (unsigned long long)sent, (unsigned long long)deliveries, (unsigned long long)acks,
           (unsigned long long)failures, (unsigned long long)(sent - completed), (unsigned long long)disorder,
           (unsigned long long)doubled,
           (unsigned long long)lost, (unsigned long long)refusals, (unsigned long long)bytes_in, cpu / seconds);
    print_latency("latency", &latency);
    print_latency("ack_latency", &ack_latency);
    printf(",\"first_reply\":\"");
    for (const char *c = first_reply; *c; c++)
        putchar(*c < ' ' || *c == '"' || *c == '\\' ? '\'' : *c);
    printf("\"}\n");
    fflush(stdout);
}

static void say(const char *line) {
    printf("{\"line\":\"%s\"}\n", line);
    fflush(stdout);
}

static void measure(void) {
    start = now();
    measure_from = start + (uint64_t)(options.warmup * (double)SECOND);
    measure_to = measure_from + (uint64_t)(options.seconds * (double)SECOND);
    next_churn = start;
    double cpu = 0;
    uint64_t from = measure_from, at;
    while ((at = now()) < measure_to) {
        if (!measuring && at >= measure_from) {
            measuring = true;
            cpu = cpu_seconds();
            from = at;
            say("start");
        }
        uint64_t again = pace(at);
        if (options.churn > 0)
            churn(at);
        if (waiting)
            retry(at);
        poll_once(again < measure_to ? again : measure_to);
    }
    measuring = false;
    cpu = cpu_seconds() - cpu;
    say("stop");
    drain();
    print_result((double)(at - from) / (double)SECOND, cpu);
}

static void hold(void) {
    uint64_t until = now() + (uint64_t)(options.hold * (double)SECOND);
    while (now() < until && !ended)
        poll_once(until);
    printf("{\"line\":\"held\",\"lost\":%llu}\n", (unsigned long long)lost);
}

static void end(int signal) {
    (void)signal;
    ended = true;
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    if (!options.path || !options.sender_path)
        die("--path or --sender-path is missing");
    wire.upgraded = on_upgrade, wire.text = on_message, wire.lost = on_loss;
    wire.epoll = epoll_create1(0);
    signal(SIGTERM, end);
    if (!options.recipients_each)
        options.recipients_each = options.connections;
    total = options.connections + (options.senders_listen ? 0 : options.senders);
    all = calloc(total, sizeof *all);
    senders = calloc(options.senders + 1, sizeof *senders);
    arrived = calloc(RING, sizeof *arrived);
    requested = calloc((size_t)(options.senders + 1) * RING, sizeof *requested);
    for (unsigned i = 0; i < total; i++)
        all[i].index = i;
    for (unsigned i = 0; i < options.senders; i++)
        senders[i] = &all[(options.senders_listen ? 0 : options.connections) + i];
    connect_all();
    if (options.seconds > 0)
        measure();
    if (options.hold > 0)
        hold();
    return 0;
}
