package io.revfs.command.copy;

import io.revfs.command.Invocation;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Copies what a URL names to a place of this machine. */
public final class UrlCopy {
  private final Invocation call;
  private final ExternalData data;
  private final FileWriter writer;
  private final int jobs;

  /**
   * What was copied.
   *
   * @param directory whether it is one
   * @param entries its files as the store described them before they were copied
   */
  public record Copied(boolean directory, List<ExternalFile> entries, long files, long bytes) {}

  /** {@code jobs}: how many files at once. */
  public UrlCopy(Invocation call, ExternalData data, FileWriter writer, int jobs) {
    this.call = call;
    this.data = data;
    this.writer = writer;
    this.jobs = jobs;
  }

  /** Copies to a place where nothing is, in a directory that is there. */
  public Copied to(Path target) throws IOException {
    boolean directory = data.isDirectory();
    List<ExternalFile> files = new ArrayList<>();
    if (directory) {
      data.files(files::add);
    } else {
      files.add(data.file());
    }
    return copy(target, directory, files);
  }

  /** As {@link #to}, but of a directory just these files, by the versions that they name. */
  public Copied to(Path target, List<ExternalFile> files) throws IOException {
    return copy(target, true, files);
  }

  private Copied copy(Path target, boolean directory, List<ExternalFile> files) throws IOException {
    try (Copies copies = new Copies(call, data.url(), Math.clamp(files.size(), 1, jobs))) {
      copies.expect(files.stream().mapToLong(ExternalFile::size).sum());
      if (directory) {
        Files.createDirectory(target);
      }
      Directories directories = new Directories(target);
      for (ExternalFile file : files) {
        Path to = directory ? directories.target(file.path()) : target;
        copies.add(progress -> writer.write(data, file, to, progress));
      }
      copies.await();
      return new Copied(directory, files, copies.files(), copies.bytes());
    }
  }
}
