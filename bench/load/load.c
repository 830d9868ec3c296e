/* The load of the benchmarks: many WebSocket clients in one thread, and what they measure.
 *
 * Senders send a message made from a template; every message carries `sent:TIME:NUMBER`, by which each
 * recipient knows when it was due and that none was lost, doubled or overtaken. It prints JSON lines:
 * `ready` (all are connected), `start` and `stop` (of the measured time) and `result`.
 */
#include "histogram.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define RING 65536u /* broadcasts, and requests of a sender, that may be under way at once */
#define JOINS_AT_ONCE 8u
#define MARK "sent:"
#define TIME_DIGITS 19u
#define NUMBER_DIGITS 10u

struct lines {
    char **line;
    unsigned count;
};

static struct {
    unsigned ports[8], port_count, sender_port;
    unsigned connections, senders, window, in_flight, at_once, joins_each, recipients_each;
    bool socketio, senders_listen;
    double rate, seconds, warmup, hold, churn, limit;
    const char *path, *sender_path, *message;
    struct lines tokens, joins, rooms;
} options = {.at_once = 100, .joins_each = 1, .socketio = true, .warmup = 0.5, .limit = 120};

static struct connection *all, **senders;
static unsigned total, ready, opening, opened, waiting;
static uint64_t sent, completed, deliveries, acks, failures, refusals, disorder, doubled, bytes_in, lost;
static uint64_t start, measure_from, measure_to, next_churn;
static uint16_t *arrived;   /* by broadcast: how many recipients have it */
static uint64_t *requested; /* by sender and request: when it was due */
static struct histogram latency, ack_latency, connecting;
static char first_reply[200];
static bool measuring, ended;

/* Options ------------------------------------------------------------------------------------------- */

static struct lines read_lines(const char *path) {
    struct lines lines = {0};
    FILE *file = fopen(path, "r");
    if (!file)
        die("%s: %s", path, strerror(errno));
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, file)) > 0) {
        line[strcspn(line, "\n")] = 0;
        lines.line = realloc(lines.line, (lines.count + 1) * sizeof *lines.line);
        lines.line[lines.count++] = strdup(line);
    }
    free(line);
    fclose(file);
    if (!lines.count)
        die("%s is empty", path);
    return lines;
}

static void read_ports(char *text) {
    for (char *port = strtok(text, ","); port && options.port_count < 8; port = strtok(NULL, ","))
        options.ports[options.port_count++] = (unsigned)atoi(port);
    options.sender_port = options.ports[0];
}

static void read_options(int count, char **arguments) {
    static const struct option names[] = {
        {"ports", 1, 0, 'p'},       {"sender-port", 1, 0, 'P'}, {"path", 1, 0, 'u'},     {"sender-path", 1, 0, 'U'},
        {"wire", 1, 0, 'w'},        {"connections", 1, 0, 'n'}, {"senders", 1, 0, 's'},
        {"senders-listen", 0, 0, 'l'}, {"window", 1, 0, 'W'},   {"in-flight", 1, 0, 'k'},
        {"rate", 1, 0, 'r'},        {"seconds", 1, 0, 't'},     {"warmup", 1, 0, 'T'},
        {"hold", 1, 0, 'h'},        {"churn", 1, 0, 'c'},       {"message", 1, 0, 'm'},
        {"tokens", 1, 0, 'a'},      {"joins", 1, 0, 'j'},       {"joins-each", 1, 0, 'J'},
        {"rooms", 1, 0, 'R'},       {"recipients-each", 1, 0, 'e'}, {"at-once", 1, 0, 'o'},
        {"limit", 1, 0, 'L'},       {0}};
    for (int option; (option = getopt_long(count, arguments, "", names, NULL)) >= 0;) {
        switch (option) {
        case 'p': read_ports(optarg); break;
        case 'P': options.sender_port = (unsigned)atoi(optarg); break;
        case 'u': options.path = optarg; break;
        case 'U': options.sender_path = optarg; break;
        case 'w': options.socketio = strcmp(optarg, "socketio") == 0; break;
        case 'n': options.connections = (unsigned)atoi(optarg); break;
        case 's': options.senders = (unsigned)atoi(optarg); break;
        case 'l': options.senders_listen = true; break;
        case 'W': options.window = (unsigned)atoi(optarg); break;
        case 'k': options.in_flight = (unsigned)atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 't': options.seconds = atof(optarg); break;
        case 'T': options.warmup = atof(optarg); break;
        case 'h': options.hold = atof(optarg); break;
        case 'c': options.churn = atof(optarg); break;
        case 'm': options.message = optarg; break;
        case 'a': options.tokens = read_lines(optarg); break;
        case 'j': options.joins = read_lines(optarg); break;
        case 'J': options.joins_each = (unsigned)atoi(optarg); break;
        case 'R': options.rooms = read_lines(optarg); break;
        case 'e': options.recipients_each = (unsigned)atoi(optarg); break;
        case 'o': options.at_once = (unsigned)atoi(optarg); break;
        case 'L': options.limit = atof(optarg); break;
        default: die("see bench/generator.py for the options");
        }
    }
    if (!options.port_count)
        die("--ports is missing");
    if (options.window >= RING / 2 || options.in_flight >= RING / 2)
        die("at most %u may be under way", RING / 2);
}

/* Messages ------------------------------------------------------------------------------------------ */

static void digits(char *to, unsigned width, uint64_t value) {
    for (unsigned i = width; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
}

static uint64_t number(const uint8_t *text, unsigned width) {
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static void uuid(char *to) {
    struct timespec wall;
    static uint64_t counter;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t ms = (uint64_t)wall.tv_sec * 1000u + (uint64_t)wall.tv_nsec / 1000000u;
    counter++;
    sprintf(to, "%08x-%04x-7%03x-8%03x-%08x%04x", (uint32_t)(ms >> 16), (uint32_t)(ms & 0xffff),
            (uint32_t)(counter >> 32 & 0xfff), (uint32_t)getpid() & 0xfff, (uint32_t)counter,
            (uint32_t)(wall.tv_nsec & 0xffff));
}

/* Queues the next message of a sender, which was due at `due`. In the template stand @T for that time, @K
 * for the message's number, @R and @S for the room and its seq, @A for the ack's id, @U for a fresh id.
 */
static void send_message(struct connection *c, uint64_t due) {
    static char text[65536];
    size_t length = 0;
    unsigned rooms = options.rooms.count ? options.rooms.count : 1;
    const char *room = options.rooms.count ? options.rooms.line[sent % rooms] : "";
    size_t room_length = strcspn(room, " ");
    uint64_t request = c->requests++;
    for (const char *from = options.message; *from && length < sizeof text - 128; from++) {
        char *to = text + length;
        if (*from != '@') {
            text[length++] = *from;
            continue;
        }
        switch (*++from) {
        case 'T': digits(to, TIME_DIGITS, due), length += TIME_DIGITS; break;
        case 'K': digits(to, NUMBER_DIGITS, sent), length += NUMBER_DIGITS; break;
        case 'R': memcpy(to, room, room_length), length += room_length; break;
        case 'S':
            length += (size_t)sprintf(to, "%llu", strtoull(room + room_length, NULL, 10) + 1 + sent / rooms);
            break;
        case 'A': length += (size_t)sprintf(to, "%llu", (unsigned long long)request + RING); break;
        case 'U': uuid(to), length += 36; break;
        default: die("--message: @%c stands for nothing", *from);
        }
    }
    requested[(size_t)(c->index - senders[0]->index) * RING + request % RING] = due;
    arrived[sent++ % RING] = 0;
    c->in_flight++;
    wire_frame(c, text, length);
}

static bool measured(uint64_t due) { return due >= measure_from && due < measure_to; }

/* One broadcast in a text. The mark stands at the same place in nearly all of them. */
static const uint8_t *broadcast(struct connection *c, const uint8_t *text, const uint8_t *end, uint64_t at) {
    static size_t usual;
    const size_t size = sizeof MARK - 1 + TIME_DIGITS + 1 + NUMBER_DIGITS;
    const uint8_t *mark = text + usual;
    if (mark + size > end || memcmp(mark, MARK, sizeof MARK - 1) != 0) {
        mark = memmem(text, (size_t)(end - text), MARK, sizeof MARK - 1);
        if (!mark || mark + size > end)
            return NULL;
        usual = (size_t)(mark - text);
    }
    uint64_t due = number(mark + sizeof MARK - 1, TIME_DIGITS);
    uint64_t k = number(mark + size - NUMBER_DIGITS, NUMBER_DIGITS);
    if (k >= sent || due < start)
        return mark + size; /* from a run before this one */
    disorder += options.senders == 1 && k < c->next; /* several senders have no order among them */
    c->next = k + 1;
    deliveries += measuring;
    if (measured(due))
        histogram_add(&latency, at > due ? at - due : 0);
    uint16_t count = ++arrived[k % RING];
    completed += count == options.recipients_each;
    doubled += count > options.recipients_each && options.churn == 0;
    return mark + size;
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
        wire.lost(c, "refused", 0.5);
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
    while (text && text < end)
        text = broadcast(c, text, end, at);
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
    c->retry_at = now() + (uint64_t)((retry_seconds * (0.5 + drand48())) * (double)SECOND);
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
    uint64_t quiet = now() + SECOND, before = 0;
    uint64_t until = now() + 15 * SECOND;
    while (now() < quiet && now() < until && (completed < sent || options.in_flight)) {
        poll_once(quiet);
        unsigned open = 0;
        for (unsigned i = 0; i < options.senders; i++)
            open += senders[i]->in_flight;
        if (options.in_flight && !open && (completed == sent || !deliveries))
            break;
        if (latency.count + ack_latency.count + completed != before)
            before = latency.count + ack_latency.count + completed, quiet = now() + SECOND;
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
