package io.revfs.command.experiment.run;

import io.revfs.command.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows a log that still grows, line by line. For one thread. */
public final class LogReader {
  private static final int BUFFER_BYTES = 64 << 10;

  private final Path file;
  private final Charset charset;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private long position;

  public LogReader(Path file) {
    this(file, StandardCharsets.UTF_8);
  }

  public LogReader(Path file, Charset charset) {
    this.file = file;
    this.charset = charset;
  }

  /** Shows the lines that have come since; the log need not be there yet. */
  public void show(Invocation call) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(position);
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = log.read(buffer); n > 0; n = log.read(buffer)) {
        position += n;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            call.out(begun.toString(charset));
            begun.reset();
          } else {
            begun.write(buffer[i]);
          }
        }
      }
    }
  }

  /** Shows what has no end of line. */
  public void end(Invocation call) {
    if (begun.size() > 0) {
      call.out(begun.toString(charset));
      begun.reset();
    }
  }
}
