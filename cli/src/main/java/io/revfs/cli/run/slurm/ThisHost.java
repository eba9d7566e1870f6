package io.revfs.cli.run.slurm;

import io.revfs.cli.run.Shells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a job runs under the kernel, and sees the processes, that this process does. */
final class ThisHost {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PROCESSES = Path.of("/proc/self/ns/pid");

  private ThisHost() {}

  /** Returns a condition for a shell; one that is never so if it cannot be known. */
  static String question() {
    try {
      String here = Files.readString(BOOT).strip() + " " + Files.readSymbolicLink(PROCESSES);
      return "[ \"$(cat %s) $(readlink %s)\" = %s ]"
          .formatted(BOOT, PROCESSES, Shells.quoted(here));
    } catch (IOException e) {
      return "false";
    }
  }
}
