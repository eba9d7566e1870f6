package io.revfs.dvc;

import io.revfs.object.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An output as a {@code .dvc} file or {@code dvc.lock} states it.
 *
 * @param path as written, relative to the working directory of its file or stage
 * @param key its object, or manifest; absent if it was never run or downloaded, or is listed in
 *     {@code files}
 * @param size in bytes; of a directory the sum of its files
 * @param fileCount of a directory
 * @param cached false for {@code cache: false}: Git has it
 * @param remote the remote it is stored on instead of the default
 * @param push whether it is pushed at all
 * @param files the files of a cloud-versioned directory
 * @param cloud versions by remote, of a cloud-versioned file
 * @param line where it stands, from 1
 */
public record Output(
    String path,
    Optional<ObjectKey> key,
    OptionalLong size,
    OptionalLong fileCount,
    boolean executable,
    boolean cached,
    Optional<String> remote,
    boolean push,
    List<OutputFile> files,
    Map<String, CloudVersion> cloud,
    int line) {
  public Output {
    files = List.copyOf(files);
    cloud = Map.copyOf(cloud);
  }

  /**
   * Returns an output of which nothing is recorded.
   *
   * @param line where it stands, 0 if nowhere yet
   */
  public static Output unknown(String path, int line) {
    return new Output(
        path,
        Optional.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        false,
        true,
        Optional.empty(),
        true,
        List.of(),
        Map.of(),
        line);
  }

  /**
   * Returns the output with versions of a cloud.
   *
   * @param nowFiles those of a directory, which take the place of its manifest
   * @param nowCloud those of a file
   */
  public Output with(
      List<OutputFile> nowFiles, Map<String, CloudVersion> nowCloud, boolean nowExecutable) {
    boolean listed = !nowFiles.isEmpty();
    return new Output(
        path,
        listed ? Optional.empty() : key,
        listed ? OptionalLong.empty() : size,
        listed ? OptionalLong.empty() : fileCount,
        nowExecutable,
        cached,
        remote,
        push,
        nowFiles,
        nowCloud,
        line);
  }

  /** Returns the output with what {@code dvc.yaml} says of it. */
  public Output with(boolean nowCached, Optional<String> nowRemote, boolean nowPush) {
    return new Output(
        path, key, size, fileCount, executable, nowCached, nowRemote, nowPush, files, cloud, line);
  }
}
