package io.revfs.remote;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A remote's URL or options make no sense, so that nothing was tried. The message names remote and
 * option and holds no credential. Commands answer it with DVC's exit code 251.
 */
public final class RemoteConfigurationException extends IOException {
  private static final long serialVersionUID = 1L;

  public RemoteConfigurationException(String remote, String why) {
    this(remote, why, null);
  }

  public RemoteConfigurationException(String remote, String why, @Nullable Throwable cause) {
    super("remote '" + remote + "': " + why, cause);
  }
}
