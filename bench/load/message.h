/* Messages made from the template, and the mark by which recipients know them again. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define LONGEST 65536u
#define MARK "sent:" /* then the time in nanoseconds, a colon, and the number */
#define MARK_SIZE (sizeof MARK - 1)
#define TIME_DIGITS 19u
#define NUMBER_DIGITS 10u
#define MARKED_SIZE (MARK_SIZE + TIME_DIGITS + 1 + NUMBER_DIGITS)

/* Writes message `number`, due at `due`, whose ack has the id `ack`; returns its length. */
size_t message_write(char text[LONGEST], uint64_t due, uint64_t number, uint64_t ack);

/* The next marked message in a text, or NULL. `usual` remembers where the mark stood: it is nearly always there. */
const uint8_t *message_find(const uint8_t *text, const uint8_t *end, size_t *usual, uint64_t *due, uint64_t *number);

#endif
