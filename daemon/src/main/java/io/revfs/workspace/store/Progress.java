package io.revfs.workspace.store;

/** Is told how far work has come, from several threads. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (files, bytes) -> {};

  /** Takes what was done since the last call. */
  void done(long files, long bytes);

  /** Takes what was found to be done, besides what was expected before. */
  default void expect(long files, long bytes) {}
}
