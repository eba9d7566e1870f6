package io.revfs.stage;

import io.revfs.text.RelativePaths;

/**
 * Which stage it is.
 *
 * @param file the {@code .dvc} file or {@code dvc.yaml}, from the project's root
 * @param name in dvc.yaml; empty for {@code .dvc} files
 */
public record StageId(String file, String name) implements Comparable<StageId> {
  /** Returns whether the stage is in a {@code dvc.yaml}. */
  public boolean isPipeline() {
    return !name.isEmpty();
  }

  /** Returns the directory of the file, from the root. */
  public String directory() {
    return RelativePaths.parent(file);
  }

  /**
   * Returns how it is called from a directory: {@code data.dvc}, {@code train}, {@code
   * ../dvc.yaml:train}.
   *
   * @param from relative to the root
   */
  public String addressing(String from) {
    String path = RelativePaths.relative(from, file);
    if (!isPipeline()) {
      return path;
    }
    return path.equals(StageLoader.PIPELINE_FILE) ? name : path + ":" + name;
  }

  /** Returns how it is called from the root. */
  @Override
  public String toString() {
    return addressing("");
  }

  @Override
  public int compareTo(StageId other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : name.compareTo(other.name);
  }
}
