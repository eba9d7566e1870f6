package io.revfs.repository;

import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller sets over another repository's configuration: {@code --config}, {@code --remote}
 * and {@code --remote-config}. Immutable.
 *
 * @param file a configuration of the caller's that wins over the repository's
 * @param remote the remote to use as the default one
 * @param remoteOptions options of that remote, or else of the repository's own default
 * @param directory what relative paths in {@code remoteOptions} are relative to
 */
public record ConfigOverrides(
    Optional<DvcConfig> file,
    Optional<String> remote,
    Map<String, String> remoteOptions,
    String directory) {
  /** Changes nothing. */
  public static final ConfigOverrides NONE =
      new ConfigOverrides(Optional.empty(), Optional.empty(), Map.of(), "/");

  public ConfigOverrides {
    remoteOptions = Map.copyOf(remoteOptions);
  }

  /** Returns whether nothing is set. */
  public boolean isEmpty() {
    return file.isEmpty() && remote.isEmpty() && remoteOptions.isEmpty();
  }

  /**
   * Returns a configuration as the caller wants it.
   *
   * @throws DvcFormatException if an option is not known, or is given for no remote
   */
  DvcConfig over(DvcConfig config) throws DvcFormatException {
    DvcConfig result = file.isPresent() ? config.with(file.get()) : config;
    if (remote.isPresent()) {
      result = result.with("core", Map.of("remote", remote.get()), "--remote", directory);
    }
    if (remoteOptions.isEmpty()) {
      return result;
    }
    String name =
        result
            .defaultRemote()
            .orElseThrow(
                () ->
                    new DvcFormatException(
                        "--remote-config", 0, "there is no default remote; name one by --remote"));
    return result.with("remote." + name, remoteOptions, "--remote-config", directory);
  }
}
