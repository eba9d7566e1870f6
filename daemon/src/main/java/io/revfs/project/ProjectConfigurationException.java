package io.revfs.project;

import java.io.IOException;

/** DVC's configuration is wrong; the message names file and line where they are known. */
public final class ProjectConfigurationException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code cause} says what is wrong. */
  public ProjectConfigurationException(IOException cause) {
    super("config file error: " + cause.getMessage(), cause);
  }

  /** {@code message} says what is wrong. */
  public ProjectConfigurationException(String message) {
    super("config file error: " + message);
  }
}
