#include "options.h"

#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {.at_once = 100, .joins_each = 1, .socketio = true, .warmup = 0.5, .limit = 120};

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

void read_options(int count, char **arguments) {
    static const struct option names[] = {
        {"ports", 1, 0, 'p'}, {"sender-port", 1, 0, 'P'}, {"path", 1, 0, 'u'},
        {"sender-path", 1, 0, 'U'}, {"wire", 1, 0, 'w'}, {"connections", 1, 0, 'n'},
        {"senders", 1, 0, 's'}, {"senders-listen", 0, 0, 'l'}, {"window", 1, 0, 'W'},
        {"in-flight", 1, 0, 'k'}, {"rate", 1, 0, 'r'}, {"seconds", 1, 0, 't'},
        {"warmup", 1, 0, 'T'}, {"hold", 1, 0, 'h'}, {"churn", 1, 0, 'c'},
        {"message", 1, 0, 'm'}, {"tokens", 1, 0, 'a'}, {"joins", 1, 0, 'j'},
        {"joins-each", 1, 0, 'J'}, {"rooms", 1, 0, 'R'}, {"recipients-each", 1, 0, 'e'},
        {"at-once", 1, 0, 'o'}, {"limit", 1, 0, 'L'}, {0}};
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
