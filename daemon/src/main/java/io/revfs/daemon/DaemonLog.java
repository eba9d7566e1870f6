package io.revfs.daemon;

import io.revfs.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The daemon's log file, and the latest errors for {@code status}. Thread-safe. */
final class DaemonLog {
  private static final int MOST_BYTES = 10 << 20;
  private static final int FILES = 3;
  private static final int ERRORS_KEPT = 50;

  private final Deque<Map<String, String>> errors = new ArrayDeque<>();

  /** Loggers that nobody holds lose their levels. */
  private final List<Logger> levels = new ArrayList<>();

  /** One line a record, and the trace of what was thrown. */
  private static final class LineFormatter extends Formatter {
    @Override
    public String format(LogRecord logged) {
      StringBuilder line = new StringBuilder();
      line.append(logged.getInstant())
          .append(' ')
          .append(logged.getLevel().getName())
          .append(' ')
          .append(logged.getLoggerName())
          .append(": ")
          .append(formatMessage(logged))
          .append('\n');
      for (Throwable t = logged.getThrown(); t != null; t = t.getCause()) {
        line.append("  ").append(t).append('\n');
        for (StackTraceElement frame : t.getStackTrace()) {
          line.append("    at ").append(frame).append('\n');
        }
      }
      return line.toString();
    }
  }

  private final class ErrorRing extends Handler {
    @Override
    public void publish(LogRecord logged) {
      if (logged.getLevel().intValue() >= Level.SEVERE.intValue()) {
        String message = new LineFormatter().formatMessage(logged);
        synchronized (errors) {
          if (errors.size() == ERRORS_KEPT) {
            errors.removeFirst();
          }
          errors.addLast(
              Map.of("time", Instant.now().toString(), "message", String.valueOf(message)));
        }
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Sends all that is logged to the file, in the foreground also to the terminal. */
  DaemonLog(Path file, Configuration.LogLevel level, boolean foreground) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    FileHandler handler = new FileHandler(pattern(file), MOST_BYTES, FILES, true);
    handler.setFormatter(new LineFormatter());
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.addHandler(new ErrorRing());
    if (foreground) {
      ConsoleHandler console = new ConsoleHandler();
      console.setFormatter(new LineFormatter());
      console.setLevel(Level.ALL);
      root.addHandler(console);
    }
    Level most =
        switch (level) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
        };
    root.setLevel(most.intValue() < Level.INFO.intValue() ? Level.INFO : most);
    set("io.revfs", most);
    // Signed requests and connection details are theirs to log; credentials are not ours to keep.
    set("software.amazon", Level.SEVERE);
    set("org.apache.http", Level.SEVERE);
    set("io.netty", Level.WARNING);
    set("com.azure.core.http.jdk", Level.SEVERE); // warns of each upload's Content-Length
    set(
        "reactor.core",
        Level.OFF); // what it drops when a request is cancelled was thrown to us too
  }

  private void set(String name, Level level) {
    Logger logger = Logger.getLogger(name);
    logger.setLevel(level);
    levels.add(logger);
  }

  /** The handler's pattern whose file number 0 is this one. */
  private static String pattern(Path file) {
    String name = String.valueOf(file.getFileName()).replace("%", "%%").replace(".0.", ".%g.");
    return file.resolveSibling("").toString().replace("%", "%%") + "/" + name;
  }

  List<Map<String, String>> errors() {
    synchronized (errors) {
      return List.copyOf(errors);
    }
  }
}
