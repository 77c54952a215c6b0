/* relay NAME DEVICE: serves one backstore of LIO's target_core_user (TCMU) by passing its commands on to a SCSI
 * generic device. NAME is the backstore's name in configfs. (In C because the kernel's header is not C++.)
 *
 * What arrives here has passed LIO: PERSISTENT RESERVE IN/OUT and REPORT LUNS are answered by the kernel, and the
 * commands of a nexus that a reservation excludes are refused by it. Stopping this process (SIGSTOP) therefore
 * makes a drive that keeps commands in flight and still answers persistent reservations. For a robot that is caught in
 * the middle of a move there is HOLD_NEXT_MOVE, as its moves are over too soon to be stopped by hand.
 *
 * The ring is described in the kernel's Documentation/target/tcmu-design.rst. Commands are served one at a time.
 *
 * Two commands of tgt 1.0.85's tapes are put right on the way, or st would lose count of filemarks and Bacula could not
 * append: READ(6) has a wrong residual, and SPACE (tape_space) neither stops at filemarks nor says why it ended.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <scsi/sg.h>
#include <linux/target_core_user.h>

enum { CHECK_CONDITION = 2, BLANK_CHECK = 8, ABORTED_COMMAND = 0x0b };
enum { TEST_UNIT_READY = 0x00, READ_6 = 0x08, SPACE = 0x11, MOVE_MEDIUM = 0xa5 };
enum { FILEMARK = 0x80, END_OF_MEDIUM = 0x40 }; /* in the sense data's byte 2 */
enum { TIMEOUT_MS = 600000, MAX_PIECES = 1024 };

/* Whoever makes the first file has the next MOVE MEDIUM held, with the second one in its place, until that is removed. */
#define HOLD_NEXT_MOVE "/run/hold-next-move"
#define MOVE_HELD "/run/move-held"

struct answer {
    uint8_t status, sense[TCMU_SENSE_BUFFERSIZE];
    uint32_t residual;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* SPC-4: the group code tells the length; this lab's devices know no variable ones. */
static uint8_t cdb_length(uint8_t opcode)
{
    static const uint8_t length[8] = { 6, 10, 10, 16, 16, 12, 10, 10 };
    return length[opcode >> 5];
}

/* The ring does not carry the direction of the data. These opcodes send data to the device. */
static bool sends_data(uint8_t opcode)
{
    return opcode && strchr("\x0a\x15\x1d\x3b\x4c\x55\x8d\xa4\xaa", opcode);
}

/* tgt 1.0.85 reports a wrong residual for a READ(6) that ended in CHECK CONDITION. After a short block or a filemark
 * the information field of its sense data is right; in all other cases nothing was read. */
static uint32_t read_residual(const uint8_t *sense, uint32_t length)
{
    int32_t information = (int32_t)((uint32_t)sense[3] << 24 | sense[4] << 16 | sense[5] << 8 | sense[6]);
    bool valid = sense[0] & 0x80;

    if (!valid || (sense[2] & 15) == BLANK_CHECK)
        return length;
    return information < 0 ? 0 : (uint32_t)information < length ? (uint32_t)information : length;
}

/* A command without data. */
static struct answer plain(int device, uint8_t opcode, uint8_t code, int32_t count)
{
    uint8_t cdb[6] = { opcode, code, (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count, 0 };
    struct answer a = { .status = CHECK_CONDITION };
    sg_io_hdr_t h = { .interface_id = 'S', .cmdp = cdb, .cmd_len = sizeof cdb, .timeout = TIMEOUT_MS,
                      .sbp = a.sense, .mx_sb_len = sizeof a.sense, .dxfer_direction = SG_DXFER_NONE };

    if (ioctl(device, SG_IO, &h) == 0 && !h.host_status)
        a.status = h.status;
    return a;
}

/* SPACE ended early: `left` blocks or filemarks short. SSC-4, SPACE(6): the information field tells it. */
static struct answer ended(uint8_t key_and_flags, uint8_t qualifier, int32_t left)
{
    struct answer a = { .status = CHECK_CONDITION };

    a.sense[0] = 0x80 | 0x70, a.sense[2] = key_and_flags, a.sense[7] = 10, a.sense[13] = qualifier;
    a.sense[3] = (uint8_t)(left >> 24), a.sense[4] = (uint8_t)(left >> 16);
    a.sense[5] = (uint8_t)(left >> 8), a.sense[6] = (uint8_t)left;
    return a;
}
static struct answer filemark_detected(int32_t left) { return ended(FILEMARK, 1, left); }
static struct answer end_of_data(int32_t left) { return ended(BLANK_CHECK, 5, left); }
static struct answer beginning_of_medium(int32_t left) { return ended(END_OF_MEDIUM, 4, left); }

/* What lies ahead. To tgt a READ(6) of no bytes is a look at a block, and a step over a filemark. */
enum ahead { DATA, PASSED_FILEMARK, NOTHING };
static enum ahead look(int device)
{
    struct answer a = plain(device, READ_6, 0, 0);

    if (a.status != CHECK_CONDITION)
        return DATA;
    return a.sense[2] & FILEMARK ? PASSED_FILEMARK : (a.sense[2] & 15) == BLANK_CHECK ? NOTHING : DATA;
}

enum { BLOCKS = 0, FILEMARKS = 1 };

static bool space(int device, uint8_t code, int32_t count)
{
    return plain(device, SPACE, code, count).status == 0;
}

/* Stands before a filemark, which is then behind: tgt's way back over a filemark ends one block too early. */
static bool back_over_filemark(int device)
{
    if (!space(device, BLOCKS, -1))
        return false;
    if (look(device) == PASSED_FILEMARK)
        return space(device, BLOCKS, -1);
    if (space(device, FILEMARKS, -1))
        return space(device, BLOCKS, 1);
    return look(device) == PASSED_FILEMARK && space(device, BLOCKS, -1); /* the tape begins with one */
}

/* SPACE over blocks or filemarks, one at a time. */
static struct answer tape_space(int device, const uint8_t *cdb)
{
    uint8_t code = cdb[1] & 15;
    int32_t left = (int32_t)((uint32_t)cdb[2] << 24 | (uint32_t)cdb[3] << 16 | (uint32_t)cdb[4] << 8) >> 8;
    struct answer ready = plain(device, TEST_UNIT_READY, 0, 0);

    if (ready.status)
        return ready;
    for (; left > 0; left--) {
        enum ahead ahead = code == BLOCKS ? look(device) : DATA;

        if (ahead == PASSED_FILEMARK)
            return filemark_detected(left);
        if (ahead == NOTHING || !space(device, code, 1))
            return end_of_data(left);
    }
    for (; left < 0; left++) {
        if (code == FILEMARKS) {
            if (!back_over_filemark(device))
                return beginning_of_medium(-left);
            continue;
        }
        if (!space(device, BLOCKS, -1))
            return beginning_of_medium(-left);
        if (look(device) == PASSED_FILEMARK) {
            space(device, BLOCKS, -1);
            return filemark_detected(-left);
        }
    }
    return ready;
}

static struct answer forward(int device, uint8_t *cdb, struct sg_iovec *piece, unsigned pieces, uint32_t length)
{
    struct answer a = { .status = CHECK_CONDITION };
    sg_io_hdr_t h = { .interface_id = 'S', .cmdp = cdb, .cmd_len = cdb_length(cdb[0]), .timeout = TIMEOUT_MS,
                      .sbp = a.sense, .mx_sb_len = sizeof a.sense,
                      .dxferp = piece, .iovec_count = (unsigned short)pieces, .dxfer_len = length,
                      .dxfer_direction = !length ? SG_DXFER_NONE
                                                 : sends_data(cdb[0]) ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV };

    if (ioctl(device, SG_IO, &h) < 0 || h.host_status) {
        a.sense[0] = 0x70, a.sense[2] = ABORTED_COMMAND, a.sense[7] = 10;
        return a;
    }
    a.status = h.status;
    a.residual = h.resid > 0 ? (uint32_t)h.resid : 0;
    if (a.status == CHECK_CONDITION && cdb[0] == READ_6 && !(cdb[1] & 1))
        a.residual = read_residual(a.sense, length);
    return a;
}

static void hold_if_wanted(void)
{
    if (rename(HOLD_NEXT_MOVE, MOVE_HELD))
        return;
    while (!access(MOVE_HELD, F_OK))
        usleep(20000);
}

/* The device file of backstore NAME: the one whose name in sysfs is "tcm-user/<n>/NAME/<config>". */
static int open_ring(const char *name, size_t *size)
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

static void serve(uint8_t *map, struct tcmu_cmd_entry *entry, int device)
{
    static struct sg_iovec piece[MAX_PIECES];
    uint8_t *cdb = map + entry->req.cdb_off;
    unsigned pieces = entry->req.iov_cnt;
    uint32_t length = 0;
    struct answer a;
    bool in;

    if (pieces > MAX_PIECES)
        die("too many pieces of data");
    for (unsigned i = 0; i < pieces; i++) { /* addresses are offsets into the map */
        piece[i].iov_base = map + (uintptr_t)entry->req.iov[i].iov_base;
        piece[i].iov_len = entry->req.iov[i].iov_len;
        length += (uint32_t)piece[i].iov_len;
    }
    in = length && !sends_data(cdb[0]);
    if (cdb[0] == MOVE_MEDIUM)
        hold_if_wanted();
    a = cdb[0] == SPACE && (cdb[1] & 15) <= FILEMARKS ? tape_space(device, cdb)
                                                      : forward(device, cdb, piece, pieces, length);
    entry->hdr.uflags = 0; /* from here the memory of the request is the response's */
    memset(&entry->rsp, 0, sizeof entry->rsp);
    entry->rsp.scsi_status = a.status;
    if (in && a.residual < length) { /* data beside CHECK CONDITION: a short block */
        entry->hdr.uflags = TCMU_UFLAG_READ_LEN;
        entry->rsp.read_len = length - a.residual;
    }
    memcpy(entry->rsp.sense_buffer, a.sense, sizeof a.sense);
}

int main(int argc, char **argv)
{
    size_t size = 0;
    uint32_t event, kick = 0;
    int device, ring;
    uint8_t *map;
    struct tcmu_mailbox *mailbox;

    if (argc != 3)
        return fputs("usage: relay NAME DEVICE\n", stderr), 2;
    if ((device = open(argv[2], O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
        die(argv[2]);
    if ((ring = open_ring(argv[1], &size)) < 0)
        die("open the backstore's ring");
    map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);
    if (map == MAP_FAILED)
        die("mmap");
    mailbox = (struct tcmu_mailbox *)map;
    if (mailbox->version != TCMU_MAILBOX_VERSION)
        return fputs("relay: unknown version of the TCMU mailbox\n", stderr), 1;
    do {
        while (mailbox->cmd_tail != __atomic_load_n(&mailbox->cmd_head, __ATOMIC_ACQUIRE)) {
            uint32_t tail = mailbox->cmd_tail;
            struct tcmu_cmd_entry *entry = (struct tcmu_cmd_entry *)(map + mailbox->cmdr_off + tail);

            if (tcmu_hdr_get_op(entry->hdr.len_op) == TCMU_OP_CMD)
                serve(map, entry, device);
            tail = (tail + tcmu_hdr_get_len(entry->hdr.len_op)) % mailbox->cmdr_size;
            __atomic_store_n(&mailbox->cmd_tail, tail, __ATOMIC_RELEASE);
            if (write(ring, &kick, sizeof kick) != sizeof kick)
                return 0; /* the backstore is gone */
        }
    } while (read(ring, &event, sizeof event) == sizeof event);
    return 0;
}
