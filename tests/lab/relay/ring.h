/* The kernel's side of a relay: one backstore of LIO's target_core_user (TCMU). Its ring of commands is described in the
 * kernel's Documentation/target/tcmu-design.rst. One thread only. (In C because the kernel's header is not C++.) */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RING_SENSE_BYTES = 96, RING_MAX_PIECES = 1024 };

struct ring {
  int file; /* readable when something may have come */
  uint8_t* map;
};

/* What LIO passes on. A reset is told after the commands that came before it. */
enum ring_entry { RING_EMPTY, RING_COMMAND, RING_RESET };
struct ring_piece { /* laid out as an iovec, which the kernel's header and the C library both want to define */
  void* data;
  size_t length;
};
struct ring_command {
  const uint8_t* cdb;
  const struct ring_piece* piece; /* the data buffer, in the ring's memory */
  unsigned pieces;
  uint32_t length; /* of all pieces, in bytes */
};

/* Opens the ring of the backstore with that name in configfs. Ends the program, with a message, if it cannot. */
void ring_open(struct ring* ring, const char* backstore);
/* The oldest entry; it stays until ring_answer or ring_pass is called. */
enum ring_entry ring_look(struct ring* ring, struct ring_command* command);
/* Ends the command that ring_look showed. got: the bytes that were put into the buffer, or -1 where the answer is
 * about all of them (data that was sent, or no data). False if the backstore is gone. */
bool ring_answer(struct ring* ring, uint8_t status, const uint8_t* sense, int64_t got);
/* Takes a reset off the ring. */
bool ring_pass(struct ring* ring);
/* Waits no longer than it must: takes what made the file readable. False if the backstore is gone. */
bool ring_woken(struct ring* ring);

#ifdef __cplusplus
}
#endif
