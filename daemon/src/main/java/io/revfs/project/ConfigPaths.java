package io.revfs.project;

import io.revfs.reach.Passages;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values of the configuration that are paths. In a file they are relative to its folder; people
 * give and see them relative to where they are, or absolute.
 */
public final class ConfigPaths {
  private static final Pattern URL = Pattern.compile("\\w+://.*");
  private static final Set<String> OF_REMOTES =
      Set.of(
          "url",
          "gdrive_user_credentials_file",
          "gdrive_service_account_json_file_path",
          "credentialpath",
          "configpath",
          "keyfile",
          "cert_path",
          "key_path");

  private ConfigPaths() {}

  /**
   * Returns whether a value is a path.
   *
   * @param section {@code remote.NAME} for those of remotes
   */
  public static boolean isPath(String section, String key) {
    return section.startsWith("remote.")
        ? OF_REMOTES.contains(key)
        : section.equals("cache") && key.equals("dir");
  }

  /** Returns a path that a person gave as it is written to a configuration file. */
  public static String stored(String value, Path currentDirectory, Path configFile) {
    if (URL.matcher(value).matches() || value.startsWith("~") || value.startsWith("/")) {
      return value;
    }
    return folder(configFile)
        .relativize(Passages.shown(currentDirectory).resolve(value).normalize())
        .toString();
  }

  /** Returns a path of a configuration file as people see it: absolute. */
  public static String shown(String value, Path configFile, Map<String, String> environment) {
    if (URL.matcher(value).matches() || value.startsWith("/")) {
      return value;
    }
    if (value.equals("~") || value.startsWith("~/")) {
      return environment.getOrDefault("HOME", System.getProperty("user.home")) + value.substring(1);
    }
    return folder(configFile).resolve(value).normalize().toString();
  }

  private static Path folder(Path configFile) {
    return Passages.shown(configFile.toAbsolutePath().normalize()).resolveSibling("");
  }
}
