package io.revfs.repository;

import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a caller sets over another repository's configuration: {@code --config}, {@code --remote}
 * and {@code --remote-config}; and the caller's variables where stores look for credentials.
 * Immutable.
 *
 * @param file a configuration of the caller's that wins over the repository's
 * @param remote the remote to use as the default one
 * @param remoteOptions options of that remote, or else of the repository's own default
 * @param directory what relative paths in {@code remoteOptions} are relative to
 * @param environment the caller's; empty where this process's own is as good
 */
public record ConfigOverrides(
    Optional<DvcConfig> file,
    Optional<String> remote,
    Map<String, String> remoteOptions,
    String directory,
    Optional<Map<String, String>> environment) {
  /** By these, stores and DVC find what is a person's own. */
  private static final Pattern OWN =
      Pattern.compile(
          "(AWS|GOOGLE|GCLOUD|CLOUDSDK|AZURE|OSS|HADOOP|KRB5|GDRIVE|STORAGE)_.*"
              + "|SSH_AUTH_SOCK|HOME|XDG_C.*_HOME|DVC_(GLOBAL|SYSTEM)_CONFIG_DIR");

  /** Changes nothing. */
  public static final ConfigOverrides NONE =
      new ConfigOverrides(Optional.empty(), Optional.empty(), Map.of(), "/");

  public ConfigOverrides {
    remoteOptions = Map.copyOf(remoteOptions);
    environment = environment.map(Map::copyOf);
  }

  /** As the other one, with the variables of this process. */
  public ConfigOverrides(
      Optional<DvcConfig> file,
      Optional<String> remote,
      Map<String, String> remoteOptions,
      String directory) {
    this(file, remote, remoteOptions, directory, Optional.empty());
  }

  /**
   * Returns the same for a caller with these variables. This process may have been started long
   * before, from another shell: credentials are those of who calls now.
   */
  public ConfigOverrides calledWith(Map<String, String> variables) {
    Optional<Map<String, String>> others =
        own(variables).equals(own(System.getenv())) ? Optional.empty() : Optional.of(variables);
    return new ConfigOverrides(file, remote, remoteOptions, directory, others);
  }

  /**
   * Returns the caller's variables and nothing of the configuration: that of other repositories.
   */
  ConfigOverrides ofCallerOnly() {
    return new ConfigOverrides(Optional.empty(), Optional.empty(), Map.of(), "/", environment);
  }

  /** Returns whether stores would find the same credentials by both. */
  boolean isSameCaller(ConfigOverrides other) {
    return own(variables()).equals(own(other.variables()));
  }

  private static Map<String, String> own(Map<String, String> variables) {
    Map<String, String> own = new HashMap<>(variables);
    own.keySet().removeIf(name -> !OWN.matcher(name).matches());
    return own;
  }

  /** Returns whether a repository is as without it. */
  public boolean isEmpty() {
    return !configures() && environment.isEmpty();
  }

  /** Returns whether the caller sets anything over the configuration. */
  public boolean configures() {
    return file.isPresent() || remote.isPresent() || !remoteOptions.isEmpty();
  }

  /** Returns where the one who calls has credentials and a configuration of their own. */
  Map<String, String> variables() {
    return environment.orElseGet(System::getenv);
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
