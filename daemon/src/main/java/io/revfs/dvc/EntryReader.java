package io.revfs.dvc;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the entries that {@code .dvc} files and {@code dvc.lock} share (FORMATS: section 5, 6). */
public final class EntryReader {
  private static final String DIRECTORY_SUFFIX = ".dir";

  private EntryReader() {}

  /** Reads an output, or a file as {@code dvc.lock} records it. */
  public static Output output(YamlMap map) throws DvcFormatException {
    String path = map.requiredText("path");
    return new Output(
        path,
        key(map),
        map.size("size"),
        map.size("nfiles"),
        map.flag("isexec", false),
        map.flag("cache", true),
        map.text("remote"),
        map.flag("push", true),
        files(map),
        cloud(map),
        map.line());
  }

  static Dependency dependency(YamlMap map) throws DvcFormatException {
    Optional<YamlMap> repo = map.map("repo");
    Optional<Dependency.RepositoryDependency> repository = Optional.empty();
    if (repo.isPresent()) {
      YamlMap r = repo.get();
      Optional<String> remote =
          r.node("remote").isPresent()
                  && r.node("remote").get() instanceof org.snakeyaml.engine.v2.nodes.ScalarNode
              ? r.text("remote")
              : Optional.empty();
      repository =
          Optional.of(
              new Dependency.RepositoryDependency(
                  r.requiredText("url"), r.text("rev"), r.text("rev_lock"), remote));
    }
    return new Dependency(
        map.text("path").orElse(""),
        key(map),
        map.size("size"),
        map.text("etag"),
        map.text("version_id"),
        files(map),
        isVersionAware(map),
        repository,
        map.line());
  }

  private static boolean isVersionAware(YamlMap map) throws DvcFormatException {
    Optional<YamlMap> options = map.map("fs_config");
    return options.isPresent()
        && options
            .get()
            .text("version_aware")
            .map(Boolean::parseBoolean) // True, too: Python wrote it
            .orElse(false);
  }

  /** {@code hash: md5} stands for DVC 3's objects; without it the hash is DVC 2's. */
  private static Optional<ObjectKey> key(YamlMap map) throws DvcFormatException {
    Optional<String> md5 = map.text("md5");
    if (md5.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> hash = map.text("hash");
    if (hash.isPresent() && !hash.get().equals("md5")) {
      throw new DvcFormatException(
          map.file(), map.line("hash"), "unknown hash '" + hash.get() + "'");
    }
    boolean manifest = md5.get().endsWith(DIRECTORY_SUFFIX);
    String hex =
        manifest
            ? md5.get().substring(0, md5.get().length() - DIRECTORY_SUFFIX.length())
            : md5.get();
    Digest.Algorithm algorithm =
        hash.isPresent() ? Digest.Algorithm.MD5 : Digest.Algorithm.MD5_DOS2UNIX;
    try {
      return Optional.of(new ObjectKey(new Digest(algorithm, hex), manifest));
    } catch (IllegalArgumentException e) {
      throw new DvcFormatException(
          map.file(), map.line("md5"), "'" + md5.get() + "' is no MD5 (32 digits 0-9, a-f)");
    }
  }

  private static List<OutputFile> files(YamlMap map) throws DvcFormatException {
    List<OutputFile> files = new ArrayList<>();
    for (YamlMap file : map.maps("files")) {
      String path =
          OutputPaths.checkRelative(file.requiredText("relpath"), map.file(), file.line("relpath"));
      Optional<Digest> md5 = Optional.empty();
      Optional<String> hex = file.text("md5");
      if (hex.isPresent()) {
        try {
          md5 = Optional.of(Digest.md5(hex.get()));
        } catch (IllegalArgumentException e) {
          throw new DvcFormatException(
              map.file(), file.line("md5"), "'" + hex.get() + "' is no MD5");
        }
      }
      files.add(
          new OutputFile(
              path,
              md5,
              file.size("size"),
              file.flag("isexec", false),
              cloud(file),
              file.text("etag"),
              file.text("version_id")));
    }
    return files;
  }

  private static Map<String, CloudVersion> cloud(YamlMap map) throws DvcFormatException {
    Optional<YamlMap> cloud = map.map("cloud");
    Map<String, CloudVersion> versions = new LinkedHashMap<>();
    if (cloud.isPresent()) {
      for (String remote : cloud.get().keys()) {
        Optional<YamlMap> version = cloud.get().map(remote);
        if (version.isPresent()) {
          versions.put(remote, version(version.get()));
        }
      }
    } else if (map.text("version_id").isPresent()) {
      // An upgraded entry has the version beside the path, without saying on which remote.
      versions.put("", version(map));
    }
    return versions;
  }

  private static CloudVersion version(YamlMap map) throws DvcFormatException {
    return new CloudVersion(map.text("etag"), map.text("version_id"), map.text("checksum"));
  }
}
