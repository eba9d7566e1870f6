package io.revfs.config;

import java.io.IOException;

/** A configuration that cannot be used; the message names file and line. */
public final class ConfigurationException extends IOException {
  private static final long serialVersionUID = 1L;

  ConfigurationException(String file, int line, String problem) {
    super(file + (line > 0 ? ":" + line : "") + ": " + problem);
  }
}
