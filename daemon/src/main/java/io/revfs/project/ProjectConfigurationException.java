package io.revfs.project;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** DVC's configuration is wrong; the message names file and line where they are known. */
public final class ProjectConfigurationException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String whatToDo;

  /** {@code cause} says what is wrong. */
  public ProjectConfigurationException(IOException cause) {
    this(String.valueOf(cause.getMessage()), "correct the file that is named", cause);
  }

  /** {@code message} says what is wrong. */
  public ProjectConfigurationException(String message) {
    this(message, "correct the file that is named", null);
  }

  private ProjectConfigurationException(
      String message, String whatToDo, @Nullable IOException cause) {
    super("config file error: " + message, cause);
    this.whatToDo = whatToDo;
  }

  /** Returns the failure of a change that would have made this of it. */
  ProjectConfigurationException ofChange() {
    String message = String.valueOf(getMessage()).replaceFirst("^config file error: ", "");
    return new ProjectConfigurationException(
        message, "nothing was written: give another name or value", this);
  }

  /** Returns what to do about it, one line. */
  public String whatToDo() {
    return whatToDo;
  }
}
