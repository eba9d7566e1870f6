package io.revfs.workingcopy.output;

import io.revfs.fuse.FuseException;
import java.util.List;

/**
 * Hears that a file which names outputs may have changed: {@code .dvc} files, {@code dvc.lock},
 * {@code dvc.yaml}. Thread-safe.
 */
public interface NamingFiles {
  /** Returns whether a name is that of such a file. */
  static boolean isOne(String name) {
    return (name.endsWith(".dvc") && name.length() > ".dvc".length())
        || name.equals("dvc.lock")
        || name.equals("dvc.yaml");
  }

  /**
   * A path was written and is being closed: when this returns, what it names is shown, and the
   * kernel knows nothing older. The kernel holds no lock meanwhile.
   */
  void written(List<String> path) throws FuseException;

  /**
   * A name came, went, or leads to something else, possibly a directory with such files: what it
   * names is shown when this returns. The kernel holds the directory's lock until it is answered,
   * so it is told of it just afterwards.
   */
  void renamed(List<String> path) throws FuseException;
}
