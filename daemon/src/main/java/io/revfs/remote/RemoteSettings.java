package io.revfs.remote;

import java.util.Map;
import java.util.Optional;

/**
 * A remote as configured.
 *
 * @param name in the configuration
 * @param url absolute; may hold credentials, so this is never logged
 * @param options DVC's options by name, feature-contract's section 2.5
 */
public record RemoteSettings(
    String name, String url, Map<String, String> options, RemoteLimits limits) {
  public RemoteSettings {
    options = Map.copyOf(options);
  }

  Optional<String> option(String key) {
    return Optional.ofNullable(options.get(key)).filter(value -> !value.isEmpty());
  }

  boolean flag(String key, boolean otherwise) {
    return option(key)
        .map(
            v ->
                java.util.Set.of("true", "yes", "on", "1")
                    .contains(v.toLowerCase(java.util.Locale.ROOT)))
        .orElse(otherwise);
  }

  /** Never the record's own, which would show the options. */
  @Override
  public String toString() {
    return name + " " + Redaction.url(url);
  }
}
