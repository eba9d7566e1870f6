package io.revfs.cli.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Shows what stages print, line by line: those of several stages are never mixed in one line. Lines
 * of standard output and of standard error stay apart. Thread-safe.
 */
public final class StageOutput {
  private static final int BUFFER_BYTES = 8 << 10;

  private final PrintStream out;
  private final PrintStream error;
  private final Runnable before;
  private final boolean commandsToo;

  /**
   * @param before is called before anything is shown, to take a progress bar away for instance
   */
  public StageOutput(PrintStream out, PrintStream error, Runnable before) {
    this(out, error, before, true);
  }

  /** As the other one; {@code commandsToo} is false for a caller who wants to hear little. */
  public StageOutput(PrintStream out, PrintStream error, Runnable before, boolean commandsToo) {
    this.out = out;
    this.error = error;
    this.before = before;
    this.commandsToo = commandsToo;
  }

  /** Returns whether commands that are run are shown. */
  boolean showsCommands() {
    return commandsToo;
  }

  /** Shows a command that is about to be run. */
  void command(String label, String command) {
    if (commandsToo) {
      line(label, false, "> " + command);
    }
  }

  /** Shows a line of a stage; an empty label is left out. */
  public void line(String label, boolean isError, String text) {
    byte[] line =
        ((label.isEmpty() ? "" : label + " | ") + text + "\n").getBytes(StandardCharsets.UTF_8);
    PrintStream to = isError ? error : out;
    synchronized (this) {
      before.run();
      to.write(line, 0, line.length);
      to.flush();
    }
  }

  /** One stream of a stage, cut into lines. For one thread. */
  public final class Lines {
    private final LineCutter cutter = new LineCutter();
    private final String label;
    private final boolean isError;

    private Lines(String label, boolean isError) {
      this.label = label;
      this.isError = isError;
    }

    /** Shows the lines that these bytes complete. */
    public void add(byte[] bytes, int length) {
      cutter.add(bytes, length, text -> line(label, isError, text));
    }

    /** Shows what has no end of line. */
    public void end() {
      cutter.end(text -> line(label, isError, text));
    }
  }

  /**
   * Returns what cuts a stream into lines. A carriage return ends a line as well: progress that a
   * program draws over itself is shown step by step.
   */
  public Lines lines(String label, boolean isError) {
    return new Lines(label, isError);
  }

  /** Shows what comes, to its end. */
  void copy(String label, boolean isError, InputStream from) {
    Lines lines = lines(label, isError);
    try (from) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        lines.add(buffer, n);
      }
    } catch (IOException e) {
      // The process has gone, and nothing more comes.
    }
    lines.end();
  }
}
