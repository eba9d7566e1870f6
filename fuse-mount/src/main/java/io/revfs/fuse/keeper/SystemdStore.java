package io.revfs.fuse.keeper;

import io.revfs.posix.Identity;
import io.revfs.posix.Sockets;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * systemd as the holder: its file descriptor store, spoken to as sd_notify(3) and
 * sd_pid_notify_with_fds(3) describe. The unit needs {@code Type=notify}, {@code Restart=always}
 * and {@code FileDescriptorStoreMax=}. Thread-safe.
 */
public final class SystemdStore implements DescriptorHolder {
  private final SystemdUnit unit;
  private final Map<String, Integer> stored = new LinkedHashMap<>();

  /** {@code unit}: whose service this process is. */
  public SystemdStore(SystemdUnit unit) {
    this.unit = unit;
  }

  /**
   * Returns what systemd passed to this process, as {@link Keeper#SESSIONS} would say it: {@code
   * LISTEN_FDS} descriptors from 3 on, named by {@code LISTEN_FDNAMES} (sd_listen_fds(3)).
   */
  public static String inherited(Map<String, String> environment) {
    String count = environment.getOrDefault("LISTEN_FDS", "");
    boolean ours =
        environment
            .getOrDefault("LISTEN_PID", "")
            .equals(Long.toString(ProcessHandle.current().pid()));
    if (!ours || !count.matches("\\d{1,5}")) {
      return "";
    }
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":");
    StringBuilder sessions = new StringBuilder();
    for (int i = 0; i < Math.min(names.length, Integer.parseInt(count)); i++) {
      sessions.append(names[i]).append('=').append(3 + i).append(' ');
    }
    return sessions.toString();
  }

  @Override
  public synchronized void hold(Map<String, Held> sessions) throws IOException {
    Map<String, Integer> wanted = new LinkedHashMap<>();
    sessions.forEach(
        (name, held) -> {
          for (int i = 0; i < held.descriptors().size(); i++) {
            wanted.put(name + "." + i, held.descriptors().get(i));
          }
        });
    for (var descriptor : wanted.entrySet()) {
      if (!stored.containsKey(descriptor.getKey())) {
        // Polling would drop it when the mount is gone; we say ourselves when that is.
        tell("FDSTORE=1\nFDPOLL=0\nFDNAME=" + descriptor.getKey() + "\n", descriptor.getValue());
        stored.put(descriptor.getKey(), descriptor.getValue());
      }
    }
    for (String name : List.copyOf(stored.keySet())) {
      if (!wanted.containsKey(name)) {
        tell("FDSTOREREMOVE=1\nFDNAME=" + name + "\n", -1);
        stored.remove(name);
      }
    }
  }

  /** Says that this process serves; to be called once. */
  public synchronized void ready() throws IOException {
    tell("READY=1\n", -1);
  }

  @Override
  public synchronized boolean beat() {
    try {
      tell("WATCHDOG=1\n", -1);
      return true;
    } catch (IOException e) {
      return true; // the store is systemd's own, and is there as long as systemd is
    }
  }

  @Override
  public long pid() {
    return 0;
  }

  private void tell(String message, int descriptor) throws IOException {
    if (!unit.isMain()) {
      try {
        // systemd looks up to which unit a sender belongs when it reads the message; this process
        // may have been killed by then, and the descriptor would be lost.
        Sockets.sendAs(unit.main(), unit.socket(), message, descriptor);
        return;
      } catch (IOException e) {
        if (Identity.ofProcess().isRoot()) {
          throw e;
        }
        // Only root may: in a unit of a user's, NotifyAccess=all makes systemd hear us.
      }
    }
    Sockets.send(unit.socket(), message, descriptor);
  }
}
