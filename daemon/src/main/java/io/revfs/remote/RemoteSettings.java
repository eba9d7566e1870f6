package io.revfs.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A remote as configured.
 *
 * @param name in the configuration
 * @param url absolute; may hold credentials, so this is never logged
 * @param environment variables of the one it is opened for: where SDKs and agents look for
 *     credentials
 * @param options DVC's options by name, feature-contract's section 2.5
 */
public record RemoteSettings(
    String name,
    String url,
    Map<String, String> options,
    RemoteLimits limits,
    Map<String, String> environment) {
  public RemoteSettings {
    options = Map.copyOf(options);
    environment = Map.copyOf(environment);
  }

  /** As the other one, with the variables of this process. */
  public RemoteSettings(String name, String url, Map<String, String> options, RemoteLimits limits) {
    this(name, url, options, limits, System.getenv());
  }

  /** Returns the same with other options. */
  public RemoteSettings with(Map<String, String> others) {
    return new RemoteSettings(name, url, others, limits, environment);
  }

  /** Returns the same at another URL. */
  public RemoteSettings at(String other) {
    return new RemoteSettings(name, other, options, limits, environment);
  }

  /** Returns a variable of the environment, if it is set and not empty. */
  public Optional<String> variable(String key) {
    return Optional.ofNullable(environment.get(key)).filter(value -> !value.isEmpty());
  }

  /** Returns the home directory of the one it is opened for. */
  public Path home() {
    return Path.of(variable("HOME").orElse(System.getProperty("user.home")));
  }

  /** Returns an option's value if it is set and not empty. */
  public Optional<String> option(String key) {
    return Optional.ofNullable(options.get(key)).filter(value -> !value.isEmpty());
  }

  /** Returns a yes-or-no option. */
  public boolean flag(String key, boolean otherwise) {
    return option(key)
        .map(
            v ->
                java.util.Set.of("true", "yes", "on", "1")
                    .contains(v.toLowerCase(java.util.Locale.ROOT)))
        .orElse(otherwise);
  }

  /** Returns an option in seconds, which may have a fraction. */
  public Duration seconds(String key, Duration otherwise) throws RemoteConfigurationException {
    Optional<String> value = option(key);
    if (value.isEmpty()) {
      return otherwise;
    }
    try {
      return Duration.ofMillis((long) (Double.parseDouble(value.get()) * 1000));
    } catch (NumberFormatException e) {
      throw new RemoteConfigurationException(
          name, "'%s' must be a number of seconds".formatted(key), e);
    }
  }

  /** Returns an option that is a whole number. */
  public int number(String key, int otherwise) throws RemoteConfigurationException {
    Optional<String> value = option(key);
    try {
      return value.isEmpty() ? otherwise : Integer.parseInt(value.get());
    } catch (NumberFormatException e) {
      throw new RemoteConfigurationException(name, "'%s' must be a number".formatted(key), e);
    }
  }

  /**
   * Returns the URL, in which spaces may stand as they are.
   *
   * @throws RemoteConfigurationException if it is malformed
   */
  public URI uri() throws RemoteConfigurationException {
    try {
      return new URI(url.replace(" ", "%20"));
    } catch (URISyntaxException e) {
      throw new RemoteConfigurationException(name, "the URL is malformed", e);
    }
  }

  /** Returns the URL as {@link #uri} does, of a server. */
  public URI serverUri() throws RemoteConfigurationException {
    URI uri = uri();
    if (uri.getHost() == null) {
      throw new RemoteConfigurationException(name, "no host in " + Redaction.url(url));
    }
    return uri;
  }

  /** Returns the user: the option, or the one that the URL names. */
  public Optional<String> user() {
    return option("user").or(() -> userInfo().map(info -> info.split(":", 2)[0]));
  }

  /** Returns the password: the option, or the one in the URL. */
  public Optional<String> password() {
    return option("password")
        .or(
            () ->
                userInfo()
                    .filter(info -> info.contains(":"))
                    .map(info -> info.substring(info.indexOf(':') + 1)));
  }

  private Optional<String> userInfo() {
    try {
      return Optional.ofNullable(uri().getUserInfo());
    } catch (RemoteConfigurationException e) {
      return Optional.empty(); // said where the URL is used
    }
  }

  /** Returns how messages name the remote. */
  public String describe() {
    return "remote '" + name + "' (" + Redaction.url(url) + ")";
  }

  /** Never the record's own, which would show the options. */
  @Override
  public String toString() {
    return name + " " + Redaction.url(url);
  }
}
