/* write-many DIRECTORY COUNT BYTES: writes so many files of so many bytes into a new directory; prints the seconds that it takes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 4 || mkdir(argv[1], 0755) || chdir(argv[1])) {
    perror("write-many");
    return 1;
  }
  int count = atoi(argv[2]), bytes = atoi(argv[3]);
  char *buffer = calloc(1, bytes + 1), name[16];
  double start = now();
  for (int i = 0; i < count; i++) {
    snprintf(name, sizeof name, "f%d", i);
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    if (fd < 0 || write(fd, buffer, bytes) != bytes || close(fd)) {
      perror(name);
      return 1;
    }
  }
  printf("%.4f\n", now() - start);
  return 0;
}
