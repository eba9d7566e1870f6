package io.revfs.cli.run.slurm;

import io.revfs.cli.run.StageOutput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a job writes, shown as it grows. For one thread. */
final class GrowingFile {
  private static final int BUFFER_BYTES = 64 << 10;

  private final Path file;
  private final StageOutput.Lines lines;
  private long shown;

  GrowingFile(Path file, StageOutput.Lines lines) {
    this.file = file;
    this.lines = lines;
  }

  /** Shows what came since the last time. */
  void show() throws IOException {
    if (!Files.exists(file) || Files.size(file) <= shown) {
      return;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(shown);
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        lines.add(buffer, n);
        shown += n;
      }
    }
  }

  /** Shows the rest, and what has no end of line. */
  void end() throws IOException {
    show();
    lines.end();
  }
}
