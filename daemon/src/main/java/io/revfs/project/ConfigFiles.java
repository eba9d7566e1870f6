package io.revfs.project;

import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where DVC's configuration is: the files of all levels that apply at a place. Immutable; the files
 * are read anew at each question.
 */
public final class ConfigFiles {
  private final EnumMap<ConfigLevel, Path> files = new EnumMap<>(ConfigLevel.class);

  /**
   * @param environment the caller's: {@code HOME}, {@code XDG_*}, {@code DVC_GLOBAL_CONFIG_DIR}, …
   * @param dvcDirectory the project's {@code .dvc}; empty outside of projects
   */
  public ConfigFiles(Map<String, String> environment, Optional<Path> dvcDirectory) {
    List<Path> user = DvcConfig.userFiles(environment);
    files.put(ConfigLevel.SYSTEM, user.get(0));
    files.put(ConfigLevel.GLOBAL, user.get(1));
    dvcDirectory.ifPresent(
        dvc -> {
          files.put(ConfigLevel.PROJECT, dvc.resolve("config"));
          files.put(ConfigLevel.LOCAL, dvc.resolve("config.local"));
        });
  }

  /** Returns a level's file, there or not; empty if outside of projects there is no such level. */
  public Optional<Path> file(ConfigLevel level) {
    return Optional.ofNullable(files.get(level));
  }

  /** Returns a level's text; empty text if there is no file. */
  public String text(ConfigLevel level) throws IOException {
    Path file = files.get(level);
    if (file == null) {
      return "";
    }
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new ProjectConfigurationException(file + " is not UTF-8 text");
    }
  }

  /**
   * Returns the configuration of all levels together.
   *
   * @throws ProjectConfigurationException if a file is wrong
   */
  public DvcConfig load() throws IOException {
    Map<ConfigLevel, String> texts = new EnumMap<>(ConfigLevel.class);
    for (ConfigLevel level : files.keySet()) {
      texts.put(level, text(level));
    }
    return merge(texts);
  }

  /**
   * Returns the configuration as it would be with other text at one level; to check an edit before
   * it is written.
   */
  public DvcConfig loadWith(ConfigLevel changed, String text) throws IOException {
    Map<ConfigLevel, String> texts = new EnumMap<>(ConfigLevel.class);
    for (ConfigLevel level : files.keySet()) {
      texts.put(level, level == changed ? text : text(level));
    }
    return merge(texts);
  }

  private DvcConfig merge(Map<ConfigLevel, String> texts) throws IOException {
    List<DvcConfig.Layer> layers = new ArrayList<>();
    files.forEach(
        (level, file) ->
            layers.add(
                new DvcConfig.Layer(
                    file.toString(),
                    texts.getOrDefault(level, ""),
                    Passages.shown(file.toAbsolutePath().normalize())
                        .resolveSibling("")
                        .toString())));
    try {
      DvcConfig config = DvcConfig.load(layers);
      for (String remote : config.remoteNames()) {
        if (config.get("remote." + remote, "url").isEmpty()) {
          throw new ProjectConfigurationException(
              "expected 'url' for dictionary value @ data['remote']['" + remote + "']");
        }
      }
      ConfigWords.check(config);
      return config;
    } catch (DvcFormatException e) {
      throw new ProjectConfigurationException(e);
    }
  }
}
