package io.revfs.fuse.keeper;

import io.revfs.posix.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The unit of systemd whose service this process is.
 *
 * @param socket that systemd hears messages on
 * @param main the unit's main process: this one, or {@code revfs-unit}, which started it
 */
public record SystemdUnit(String socket, int main) {
  /** Names systemd's socket. */
  public static final String SOCKET = "NOTIFY_SOCKET";

  /**
   * Is set by {@code revfs-unit} for the daemon that it starts: its process id, a space, and the
   * descriptor by whose end it knows that this process has ended.
   */
  public static final String STARTED = "REVFS_UNIT";

  /** Is set by systemd, since version 248, to the main process's id. */
  private static final String MAIN = "SYSTEMD_EXEC_PID";

  /**
   * Returns the unit; empty where this process is of none, also if the variables came from a unit's
   * process further up. Managers of users count too.
   *
   * @throws IllegalStateException if the main process ended while this one started: systemd starts
   *     both anew
   */
  public static Optional<SystemdUnit> ofThisProcess(Map<String, String> environment) {
    String socket = environment.getOrDefault(SOCKET, "");
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    int self = Math.toIntExact(ProcessHandle.current().pid());
    int parent = ProcessHandle.current().parent().map(p -> Math.toIntExact(p.pid())).orElse(0);
    String[] started = environment.getOrDefault(STARTED, "").split(" ");
    if (started.length == 2 && isPipe(started[1])) { // else it is of a process further up
      if (!started[0].equals(Integer.toString(parent))) {
        throw new IllegalStateException("the main process of the unit has ended");
      }
      Processes.setInherited(Integer.parseInt(started[1]), false); // it is to end with this process
      return Optional.of(new SystemdUnit(socket, parent));
    }
    String main = environment.getOrDefault(MAIN, "");
    boolean isMain = main.isEmpty() ? parent == 1 : main.equals(Integer.toString(self));
    return isMain ? Optional.of(new SystemdUnit(socket, self)) : Optional.empty();
  }

  private static boolean isPipe(String descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd", descriptor))
          .toString()
          .startsWith("pipe:");
    } catch (IOException e) {
      return false; // this process has no such descriptor
    }
  }

  /** Returns whether this process is the unit's main process. */
  public boolean isMain() {
    return main == ProcessHandle.current().pid();
  }
}
