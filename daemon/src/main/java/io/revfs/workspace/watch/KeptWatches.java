package io.revfs.workspace.watch;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How watches outlive this process.
 *
 * @param directory where what is watched is remembered
 * @param inherited what processes before left: descriptors by the names under which they were kept
 * @param keep keeps a descriptor under a name for the next process, from soon on; or {@link
 *     #NO_MORE}
 */
public record KeptWatches(
    Path directory, Map<String, Integer> inherited, BiConsumer<String, Integer> keep) {
  /** Stands for a descriptor that is not to be kept any more. */
  public static final int NO_MORE = -1;

  public KeptWatches {
    inherited = Map.copyOf(inherited);
  }
}
