#include "message.h"

#include "options.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void digits(char *to, unsigned width, uint64_t value) {
    for (unsigned i = width; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
}

static uint64_t value(const uint8_t *text, unsigned width) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < width; i++)
        sum = sum * 10 + (text[i] - '0');
    return sum;
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

/* In the template stand @T for the time, @K for the number, @R and @S for the room and its seq, @A for the
 * ack's id and @U for a fresh id.
 */
size_t message_write(char text[LONGEST], uint64_t due, uint64_t number, uint64_t ack) {
    size_t length = 0;
    unsigned rooms = options.rooms.count ? options.rooms.count : 1;
    const char *room = options.rooms.count ? options.rooms.line[number % rooms] : "";
    size_t room_length = strcspn(room, " ");
    unsigned long long head = strtoull(room + room_length, NULL, 10);
    for (const char *from = options.message; *from && length < LONGEST - 128; from++) {
        char *to = text + length;
        if (*from != '@') {
            text[length++] = *from;
            continue;
        }
        switch (*++from) {
        case 'T': digits(to, TIME_DIGITS, due), length += TIME_DIGITS; break;
        case 'K': digits(to, NUMBER_DIGITS, number), length += NUMBER_DIGITS; break;
        case 'R': memcpy(to, room, room_length), length += room_length; break;
        case 'S': length += (size_t)sprintf(to, "%llu", head + 1 + number / rooms); break;
        case 'A': length += (size_t)sprintf(to, "%llu", (unsigned long long)ack); break;
        case 'U': uuid(to), length += 36; break;
        default: die("--message: @%c stands for nothing", *from);
        }
    }
    return length;
}

const uint8_t *message_find(const uint8_t *text, const uint8_t *end, size_t *usual, uint64_t *due, uint64_t *number) {
    const uint8_t *mark = text + *usual;
    if (mark + MARKED_SIZE > end || memcmp(mark, MARK, MARK_SIZE) != 0) {
        mark = memmem(text, (size_t)(end - text), MARK, MARK_SIZE);
        if (!mark || mark + MARKED_SIZE > end)
            return NULL;
        *usual = (size_t)(mark - text);
    }
    *due = value(mark + MARK_SIZE, TIME_DIGITS);
    *number = value(mark + MARKED_SIZE - NUMBER_DIGITS, NUMBER_DIGITS);
    return mark + MARKED_SIZE;
}
