package io.revfs.project;

import io.revfs.text.AtomicFile;
import io.revfs.text.IniDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One level of the configuration, looked at and changed. Remotes are sections {@code remote.NAME}.
 * Not thread-safe.
 */
public final class ConfigEdit {
  private static final Pattern NAMED = Pattern.compile("(remote|machine|db) *\"(.*)\"");
  private static final Pattern DOTTED = Pattern.compile("(remote|machine|db)\\.(.*)");

  private final ConfigFiles files;
  private final ConfigLevel level;
  private final Path file;
  private final IniDocument document;

  private ConfigEdit(ConfigFiles files, ConfigLevel level, Path file, IniDocument document) {
    this.files = files;
    this.level = level;
    this.file = file;
    this.document = document;
  }

  /**
   * Reads a level.
   *
   * @throws ProjectConfigurationException for a project's level outside of projects
   */
  public static ConfigEdit open(ConfigFiles files, ConfigLevel level) throws IOException {
    Path file = files.file(level).orElse(null);
    if (file == null) {
      throw new ProjectConfigurationException("Not inside a DVC repo");
    }
    return new ConfigEdit(files, level, file, IniDocument.parse(files.text(level)));
  }

  /** Returns the file. */
  public Path file() {
    return file;
  }

  /** Returns the sections, those of remotes first, with their keys and values as they stand. */
  public Map<String, Map<String, String>> sections() {
    Map<String, Map<String, String>> named = new LinkedHashMap<>();
    Map<String, Map<String, String>> others = new LinkedHashMap<>();
    document
        .sections()
        .forEach(
            (section, values) -> {
              Matcher matcher = NAMED.matcher(section);
              if (matcher.matches()) {
                named.put(matcher.group(1) + "." + matcher.group(2), values);
              } else {
                others.put(section, values);
              }
            });
    Map<String, Map<String, String>> all = new LinkedHashMap<>(named);
    all.putAll(others);
    return all;
  }

  private static String written(String section) {
    Matcher matcher = DOTTED.matcher(section);
    return matcher.matches() ? matcher.group(1) + " \"" + matcher.group(2) + "\"" : section;
  }

  /** Sets a value; a path is given as a person would, from the current directory. */
  public void set(String section, String key, String value, Path currentDirectory) {
    boolean path = ConfigPaths.isPath(section, key);
    document.set(
        written(section), key, path ? ConfigPaths.stored(value, currentDirectory, file) : value);
  }

  /** Takes a key out. */
  public void remove(String section, String key) {
    document.remove(written(section), key);
  }

  /** Takes a section out. */
  public void removeSection(String section) {
    document.removeSection(written(section));
  }

  /** Gives a section another name. */
  public void renameSection(String section, String to) {
    document.renameSection(written(section), written(to));
  }

  /** Returns whether the levels are right as they are written. */
  private boolean isRight() throws IOException {
    try {
      var unused = files.load();
      return true;
    } catch (ProjectConfigurationException e) {
      return false;
    }
  }

  /**
   * Writes the level, if all levels together are right.
   *
   * @throws ProjectConfigurationException if they are not; nothing is written then
   */
  public void save(int umask) throws IOException {
    String text = document.toString();
    try {
      var unused = files.loadWith(level, text);
    } catch (ProjectConfigurationException e) {
      throw isRight() ? e.ofChange() : e;
    }
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    AtomicFile.replace(file, text.getBytes(StandardCharsets.UTF_8), umask);
  }
}
