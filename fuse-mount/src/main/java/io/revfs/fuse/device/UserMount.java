package io.revfs.fuse.device;

import io.revfs.posix.Posix;
import io.revfs.posix.Processes;
import io.revfs.posix.Sockets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Mounts as an ordinary user, by libfuse's set-user-id helper: it opens {@code /dev/fuse}, mounts
 * by that, and sends the descriptor over a socket whose number it finds in its environment.
 */
final class UserMount {
  /** libfuse 3's, and libfuse 2's, which speaks the same. */
  private static final List<String> HELPERS = List.of("fusermount3", "fusermount");

  private static final String SOCKET = "_FUSE_COMMFD";
  private static final int NOT_FOUND = 127;

  private UserMount() {}

  /** What a helper gave: a descriptor, or why there is none. */
  private record Answer(OptionalInt descriptor, int exit, String said) {}

  /**
   * Mounts a connection that nobody serves yet.
   *
   * @param options of mount(8), separated by commas
   * @return the descriptor of its device
   * @throws UnavailableException if there is no helper
   * @throws IOException with what the helper says
   */
  static int mount(Path mountPoint, String options) throws IOException {
    for (String helper : HELPERS) {
      Answer answer = run(helper, mountPoint, options);
      if (answer.descriptor().isPresent()) {
        return answer.descriptor().getAsInt();
      }
      if (answer.exit() != NOT_FOUND) {
        throw new IOException(describe(mountPoint, answer.said()));
      }
    }
    throw new UnavailableException(
        "an ordinary user mounts by fusermount3, which is not installed (apt-get install fuse3)");
  }

  private static String describe(Path mountPoint, String said) {
    String why = said.strip().replaceFirst("^fusermount3?: ", "").replace('\n', ' ');
    String message = "FUSE refuses to mount at " + mountPoint + ": " + why;
    return why.contains("user_allow_other")
        ? message + "; as root add the line user_allow_other there, or leave --allow-other out"
        : message;
  }

  private static Answer run(String helper, Path mountPoint, String options) throws IOException {
    int[] sockets = Sockets.pair();
    int[] output = pipe(sockets);
    int pid;
    try {
      Map<String, String> environment = new LinkedHashMap<>(System.getenv());
      environment.put(SOCKET, Integer.toString(sockets[1]));
      pid =
          Processes.spawn(
              List.of(
                  "bash",
                  "-c",
                  "exec \"$@\" >&%1$d 2>&%1$d".formatted(output[1]),
                  "bash",
                  helper,
                  "-o",
                  options,
                  "--",
                  mountPoint.toString()),
              environment,
              List.of(sockets[1], output[1]));
    } catch (IOException e) {
      close(sockets[0], output[0]);
      throw e;
    } finally {
      close(sockets[1], output[1]);
    }
    OptionalInt descriptor = Sockets.receiveDescriptor(sockets[0]);
    String said = Processes.readAll(output[0]);
    close(sockets[0], output[0]);
    return new Answer(descriptor, Processes.await(pid), said);
  }

  private static int[] pipe(int[] sockets) throws IOException {
    try {
      return Processes.pipe();
    } catch (IOException e) {
      close(sockets);
      throw e;
    }
  }

  private static void close(int... descriptors) {
    for (int fd : descriptors) {
      int unused = Posix.close(fd);
    }
  }
}
