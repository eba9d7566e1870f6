package io.revfs.fuse;

import java.nio.file.Path;

/** Takes a mount away by force, as a process of its own: it may be another user's. */
public final class ForceUser {
  private ForceUser() {}

  /** Takes the mount point; says which connection is left, where fusectl is not mounted. */
  public static void main(String[] words) throws Exception {
    System.out.println(MountTable.force(Path.of(words[0]), Path.of("/nowhere")));
  }
}
