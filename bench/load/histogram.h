/* A histogram of nanoseconds with a relative error under 1 %: 128 steps for each power of two. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS 7
#define HISTOGRAM_STEPS (1u << HISTOGRAM_BITS)
#define HISTOGRAM_CELLS ((64 - HISTOGRAM_BITS + 1) * HISTOGRAM_STEPS)

struct histogram {
    uint64_t cells[HISTOGRAM_CELLS];
    uint64_t count, largest;
};

static inline void histogram_add(struct histogram *all, uint64_t value) {
    unsigned cell = (unsigned)value;
    if (value >= HISTOGRAM_STEPS) {
        unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;
        cell = ((shift + 1) << HISTOGRAM_BITS) + (unsigned)((value >> shift) - HISTOGRAM_STEPS);
    }
    all->cells[cell]++;
    all->count++;
    if (value > all->largest)
        all->largest = value;
}

/* The smallest value that is not below the given share of all. */
static inline uint64_t histogram_at(const struct histogram *all, double share) {
    uint64_t wanted = (uint64_t)(share * (double)all->count), seen = 0;
    for (unsigned cell = 0; cell < HISTOGRAM_CELLS; cell++) {
        seen += all->cells[cell];
        if (seen > wanted) {
            unsigned octave = cell >> HISTOGRAM_BITS, step = cell & (HISTOGRAM_STEPS - 1);
            uint64_t value = octave ? (uint64_t)(HISTOGRAM_STEPS + step) << (octave - 1) : step;
            return value < all->largest ? value : all->largest;
        }
    }
    return all->largest;
}

#endif
