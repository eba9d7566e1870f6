package io.revfs.dvc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * DVC's configuration: the levels merged, later ones winning key by key (FORMATS, section 12).
 * Immutable.
 */
public final class DvcConfig {
  private static final String REMOTE_SCHEME = "remote://";
  private final Map<String, Map<String, ConfigFile.Value>> sections;

  private DvcConfig(Map<String, Map<String, ConfigFile.Value>> sections) {
    this.sections = sections;
  }

  /**
   * One file of the configuration.
   *
   * @param file its path for messages
   * @param text its content
   * @param directory what relative paths in it are relative to: its folder, or a URL
   */
  public record Layer(String file, String text, String directory) {}

  /** A remote as configured. */
  public record RemoteSection(String name, String url, Map<String, String> options) {}

  /** Merges layers, the weakest first: system, global, project, local. */
  public static DvcConfig load(List<Layer> layers) throws DvcFormatException {
    Map<String, Map<String, ConfigFile.Value>> merged = new LinkedHashMap<>();
    for (Layer layer : layers) {
      ConfigFile.parse(layer)
          .forEach(
              (section, values) ->
                  merged.computeIfAbsent(section, s -> new LinkedHashMap<>()).putAll(values));
    }
    return new DvcConfig(merged);
  }

  /**
   * Returns this configuration with another above it.
   *
   * @param above its values win, key by key
   */
  public DvcConfig with(DvcConfig above) {
    Map<String, Map<String, ConfigFile.Value>> merged = new LinkedHashMap<>();
    sections.forEach((section, values) -> merged.put(section, new LinkedHashMap<>(values)));
    above.sections.forEach(
        (section, values) ->
            merged.computeIfAbsent(section, s -> new LinkedHashMap<>()).putAll(values));
    return new DvcConfig(merged);
  }

  /**
   * Returns this configuration with some values of one section set.
   *
   * @param section as {@link #get} names it; a remote's is {@code remote.NAME}
   * @param values by key
   * @param source where they were given, for messages
   * @param directory what relative paths in them are relative to
   * @throws DvcFormatException if DVC knows no such key there
   */
  public DvcConfig with(String section, Map<String, String> values, String source, String directory)
      throws DvcFormatException {
    Map<String, ConfigFile.Value> checked = new LinkedHashMap<>();
    for (Map.Entry<String, String> value : values.entrySet()) {
      ConfigFile.check(source, 0, section, value.getKey(), value.getValue());
      checked.put(value.getKey(), new ConfigFile.Value(value.getValue(), source, 0, directory));
    }
    return with(new DvcConfig(Map.of(section, checked)));
  }

  /** Returns a value, for instance of section {@code core} and key {@code remote}. */
  public Optional<String> get(String section, String key) {
    return Optional.ofNullable(sections.getOrDefault(section, Map.of()).get(key))
        .map(ConfigFile.Value::text);
  }

  /** Returns the name of the default remote. */
  public Optional<String> defaultRemote() {
    return get("core", "remote").filter(name -> !name.isEmpty());
  }

  /** Returns the names of all remotes. */
  public Set<String> remoteNames() {
    Set<String> names = new LinkedHashSet<>();
    for (String section : sections.keySet()) {
      if (section.startsWith(ConfigFile.REMOTE_PREFIX)) {
        names.add(section.substring(ConfigFile.REMOTE_PREFIX.length()));
      }
    }
    return names;
  }

  /**
   * Returns a remote with its URL made absolute: relative paths against the configuration file's
   * folder, {@code remote://other/sub} against the other remote, whose options it inherits.
   *
   * @throws DvcFormatException if there is no such remote, or they refer in circles
   */
  public RemoteSection remote(String name) throws DvcFormatException {
    return remote(name, new ArrayList<>());
  }

  private RemoteSection remote(String name, List<String> seen) throws DvcFormatException {
    Map<String, ConfigFile.Value> section = sections.get(ConfigFile.REMOTE_PREFIX + name);
    ConfigFile.Value url = section == null ? null : section.get("url");
    if (section == null || url == null) {
      throw new DvcFormatException(
          ".dvc/config", 0, "there is no remote '%s' with a url".formatted(name));
    }
    if (seen.contains(name)) {
      throw new DvcFormatException(
          url.file(), url.line(), "remotes refer to each other: " + seen + " " + name);
    }
    seen.add(name);
    Map<String, String> options = new LinkedHashMap<>();
    String absolute = url.text();
    if (absolute.startsWith(REMOTE_SCHEME)) {
      RemoteSection base = remote(referred(absolute), seen);
      options.putAll(base.options());
      absolute = append(base.url(), below(absolute));
    } else {
      absolute = absolute(absolute, url.directory());
    }
    section.forEach(
        (key, value) -> {
          if (!key.equals("url")) {
            options.put(
                key,
                ConfigFile.isPath(key) ? absolute(value.text(), value.directory()) : value.text());
          }
        });
    return new RemoteSection(name, absolute, options);
  }

  /** Returns a URL with {@code remote://} resolved; empty if it is not of that form. */
  public Optional<RemoteSection> referredRemote(String url) throws DvcFormatException {
    if (!url.startsWith(REMOTE_SCHEME)) {
      return Optional.empty();
    }
    return Optional.of(remote(referred(url)));
  }

  /** Returns the name in {@code remote://name/path}. */
  private static String referred(String url) {
    String rest = url.substring(REMOTE_SCHEME.length());
    int slash = rest.indexOf('/');
    return slash < 0 ? rest : rest.substring(0, slash);
  }

  /** Returns the path in {@code remote://name/path}. */
  public static String below(String url) {
    String rest = url.substring(REMOTE_SCHEME.length());
    int slash = rest.indexOf('/');
    return slash < 0 ? "" : rest.substring(slash + 1);
  }

  private static String append(String url, String path) {
    if (path.isEmpty()) {
      return url;
    }
    return url.endsWith("/") ? url + path : url + "/" + path;
  }

  /** Returns the configured cache directory, absolute. */
  public Optional<String> cacheDirectory() {
    ConfigFile.Value value = sections.getOrDefault("cache", Map.of()).get("dir");
    return Optional.ofNullable(value).map(v -> absolute(v.text(), v.directory()));
  }

  private static String absolute(String url, String directory) {
    if (url.contains("://") || url.startsWith("/")) {
      return url;
    }
    if (url.equals("~") || url.startsWith("~/")) {
      return System.getProperty("user.home") + url.substring(1);
    }
    return Path.of(directory).resolve(url).normalize().toString();
  }

  /** Returns the files of the system and user levels, the weaker first. */
  public static List<Path> userFiles(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    String system =
        environment.getOrDefault(
            "DVC_SYSTEM_CONFIG_DIR",
            environment.getOrDefault("XDG_CONFIG_DIRS", "/etc/xdg").split(":")[0] + "/dvc");
    String global =
        environment.getOrDefault(
            "DVC_GLOBAL_CONFIG_DIR",
            environment.getOrDefault("XDG_CONFIG_HOME", home + "/.config") + "/dvc");
    return List.of(Path.of(system, "config"), Path.of(global, "config"));
  }
}
