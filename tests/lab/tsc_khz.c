/* How fast this machine's time stamp counter runs, in kHz, which an emulated guest sees as its own. The guest's kernel measures it at its
 * start against an emulated timer, and on a busy machine comes to a tenth of it ("PIT calibration deviates from HPET"): its clock
 * then runs ten times too fast, and every deadline in it is a tenth. So it is told. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
    double nanoseconds;
    unsigned long long ticks;
};

/* Both clocks as close together as they can be read: whoever is interrupted between them tries again. */
static struct moment now(void) {
    struct moment best = {0, 0};
    unsigned long long shortest = ~0ULL;
    for (int i = 0; i < 1000; i++) {
        struct timespec time;
        const unsigned long long before = __rdtsc();
        clock_gettime(CLOCK_MONOTONIC_RAW, &time);
        const unsigned long long after = __rdtsc();
        if (after - before >= shortest) continue;
        shortest = after - before;
        best.nanoseconds = (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
        best.ticks = before + shortest / 2;
    }
    return best;
}

int main(void) {
    const struct timespec pause = {0, 200000000};
    const struct moment begin = now();
    nanosleep(&pause, NULL);
    const struct moment end = now();
    printf("%.0f\n", (double)(end.ticks - begin.ticks) / (end.nanoseconds - begin.nanoseconds) * 1e6);
    return 0;
}
