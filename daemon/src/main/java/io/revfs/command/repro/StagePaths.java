package io.revfs.command.repro;

import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stage reads and writes of this machine while it runs: absolute paths, as it declares them.
 */
record StagePaths(List<Path> reads, List<Path> writes) {
  /** Returns those of a stage of the project at {@code root}. */
  static StagePaths of(Stage stage, Path root) {
    List<Path> reads = new ArrayList<>();
    for (Dep dep : stage.deps()) {
      if (dep.place().isLocal()) {
        reads.add(dep.place().file(root));
      }
    }
    for (ParamsDep params : stage.params()) {
      reads.add(params.place().file(root));
    }
    List<Path> writes = new ArrayList<>();
    for (Out out : stage.outs()) {
      if (out.place().isLocal()) {
        writes.add(out.place().file(root));
      }
    }
    return new StagePaths(reads, writes);
  }

  /** Returns these without what others make before it is read. */
  StagePaths without(List<Path> made) {
    return new StagePaths(
        reads.stream().filter(path -> !overlap(List.of(path), made)).toList(), writes);
  }

  /** Returns whether one writes what the other reads or writes, so that they cannot run at once. */
  boolean isInTheWayOf(StagePaths other) {
    return overlap(writes, other.writes)
        || overlap(writes, other.reads)
        || overlap(reads, other.writes);
  }

  private static boolean overlap(List<Path> some, List<Path> others) {
    return some.stream()
        .anyMatch(
            one ->
                others.stream().anyMatch(other -> one.startsWith(other) || other.startsWith(one)));
  }
}
