// Loaded before bacula-sd's own libraries: what the machine has too few of, for the plugin alone. While the file
// $FEW/threads is there, no thread can be started for it; while $FEW/descriptors is, it can open nothing; while $FEW/room is,
// the disk is full. Bacula's own calls go through.
//
// Who calls is told by the library that the call comes from: the plugin starts its threads through libstdc++, which Bacula
// does not use for that.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int few(const char* what, const char* library, const void* caller) {
  char path[512];
  Dl_info from;
  const char* folder = getenv("FEW");
  const int before = errno;
  int is_so = 0;
  if (folder && dladdr(caller, &from) && from.dli_fname && strstr(from.dli_fname, library)) {
    snprintf(path, sizeof path, "%s/%s", folder, what);
    is_so = access(path, F_OK) == 0;
  }
  errno = before;
  return is_so;
}
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NO_DESCRIPTOR(result)                                                   \
  do {                                                                          \
    if (few("descriptors", "/shstore-sd.so", __builtin_return_address(0))) {    \
      errno = EMFILE;                                                           \
      return result;                                                            \
    }                                                                           \
  } while (0)

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  if (few("threads", "/libstdc++", __builtin_return_address(0))) return EAGAIN;
  return NEXT(pthread_create)(thread, attributes, body, argument);
}

int socket(int domain, int type, int protocol) {
  NO_DESCRIPTOR(-1);
  return NEXT(socket)(domain, type, protocol);
}

DIR* opendir(const char* name) {
  NO_DESCRIPTOR(NULL);
  return NEXT(opendir)(name);
}

int open(const char* path, int flags, ...) {
  va_list more;
  mode_t mode = 0;
  NO_DESCRIPTOR(-1);
  va_start(more, flags);
  if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(more, mode_t);
  va_end(more);
  return NEXT(open)(path, flags, mode);
}

int mkostemp(char* pattern, int flags) {
  NO_DESCRIPTOR(-1);
  return NEXT(mkostemp)(pattern, flags);
}

ssize_t write(int file, const void* bytes, size_t size) {
  if (few("room", "/shstore-sd.so", __builtin_return_address(0))) {
    errno = ENOSPC;
    return -1;
  }
  return NEXT(write)(file, bytes, size);
}
