/* The load generator's options; `generator.py` is what names them. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#define RING 65536u /* broadcasts, and requests of a sender, that may be under way at once */

struct lines {
    char **line;
    unsigned count;
};

struct options {
    unsigned ports[8], port_count, sender_port;
    unsigned connections, senders, window, in_flight, at_once, joins_each, recipients_each;
    bool socketio, senders_listen;
    double rate, seconds, warmup, hold, churn, limit;
    const char *path, *sender_path, *message;
    struct lines tokens, joins, rooms;
};

extern struct options options;

void read_options(int count, char **arguments);

#endif
