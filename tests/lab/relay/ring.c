#include "ring.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/target_core_user.h>

_Static_assert(RING_SENSE_BYTES == TCMU_SENSE_BUFFERSIZE, "as the kernel has it");

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* The device file of the backstore: the one whose name in sysfs is "tcm-user/<n>/NAME/<config>". */
static int open_device(const char *name, size_t *size)
{
    char want[100], text[300], path[300];
    glob_t found;
    FILE *f;

    snprintf(want, sizeof want, "/%s/", name);
    if (glob("/sys/class/uio/uio*", 0, NULL, &found))
        return -1;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        snprintf(path, sizeof path, "%s/name", found.gl_pathv[i]);
        f = fopen(path, "re");
        if (!f || !fgets(text, sizeof text, f) || strncmp(text, "tcm-user/", 9) || !strstr(text, want)) {
            if (f)
                fclose(f);
            continue;
        }
        fclose(f);
        snprintf(path, sizeof path, "%s/maps/map0/size", found.gl_pathv[i]);
        f = fopen(path, "re");
        if (!f || fscanf(f, "%zx", size) != 1)
            die(path);
        fclose(f);
        snprintf(path, sizeof path, "/dev/%s", strrchr(found.gl_pathv[i], '/') + 1);
        return open(path, O_RDWR | O_CLOEXEC);
    }
    return -1;
}

static struct tcmu_mailbox *mailbox(struct ring *ring) { return (struct tcmu_mailbox *)ring->map; }
static struct tcmu_cmd_entry *oldest(struct ring *ring)
{
    return (struct tcmu_cmd_entry *)(ring->map + mailbox(ring)->cmdr_off + mailbox(ring)->cmd_tail);
}

void ring_open(struct ring *ring, const char *backstore)
{
    size_t size = 0;

    ring->file = open_device(backstore, &size);
    if (ring->file < 0)
        die("open the backstore's ring");
    ring->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->file, 0);
    if (ring->map == MAP_FAILED)
        die("mmap");
    if (mailbox(ring)->version != TCMU_MAILBOX_VERSION) {
        fputs("relay: unknown version of the TCMU mailbox\n", stderr);
        exit(1);
    }
}

bool ring_pass(struct ring *ring)
{
    struct tcmu_mailbox *box = mailbox(ring);
    uint32_t kick = 0;

    __atomic_store_n(&box->cmd_tail, (box->cmd_tail + tcmu_hdr_get_len(oldest(ring)->hdr.len_op)) % box->cmdr_size,
                     __ATOMIC_RELEASE);
    return write(ring->file, &kick, sizeof kick) == sizeof kick;
}

static bool is_reset(const struct tcmu_cmd_entry *entry)
{
    const struct tcmu_tmr_entry *management = (const struct tcmu_tmr_entry *)entry;

    return tcmu_hdr_get_op(entry->hdr.len_op) == TCMU_OP_TMR &&
           (management->tmr_type == TCMU_TMR_LUN_RESET || management->tmr_type == TCMU_TMR_TARGET_WARM_RESET ||
            management->tmr_type == TCMU_TMR_TARGET_COLD_RESET);
}

enum ring_entry ring_look(struct ring *ring, struct ring_command *command)
{
    static struct ring_piece piece[RING_MAX_PIECES];
    struct tcmu_mailbox *box = mailbox(ring);

    while (box->cmd_tail != __atomic_load_n(&box->cmd_head, __ATOMIC_ACQUIRE)) {
        struct tcmu_cmd_entry *entry = oldest(ring);

        if (is_reset(entry))
            return RING_RESET;
        if (tcmu_hdr_get_op(entry->hdr.len_op) != TCMU_OP_CMD) {
            if (!ring_pass(ring))
                return RING_EMPTY;
            continue;
        }
        if (entry->req.iov_cnt > RING_MAX_PIECES)
            die("too many pieces of data");
        *command = (struct ring_command){ ring->map + entry->req.cdb_off, piece, entry->req.iov_cnt, 0 };
        for (unsigned i = 0; i < command->pieces; i++) { /* addresses are offsets into the map */
            piece[i].data = ring->map + (uintptr_t)entry->req.iov[i].iov_base;
            piece[i].length = entry->req.iov[i].iov_len;
            command->length += (uint32_t)piece[i].length;
        }
        return RING_COMMAND;
    }
    return RING_EMPTY;
}

bool ring_answer(struct ring *ring, uint8_t status, const uint8_t *sense, int64_t got)
{
    struct tcmu_cmd_entry *entry = oldest(ring);

    entry->hdr.uflags = 0; /* from here the memory of the request is the response's */
    memset(&entry->rsp, 0, sizeof entry->rsp);
    entry->rsp.scsi_status = status;
    if (got >= 0) {
        entry->hdr.uflags = TCMU_UFLAG_READ_LEN;
        entry->rsp.read_len = (uint32_t)got;
    }
    memcpy(entry->rsp.sense_buffer, sense, sizeof entry->rsp.sense_buffer);
    return ring_pass(ring);
}

bool ring_woken(struct ring *ring)
{
    uint32_t event;

    return read(ring->file, &event, sizeof event) == sizeof event;
}
