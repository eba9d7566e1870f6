package io.revfs.command.tracking;

import io.revfs.git.IgnoreRules;
import io.revfs.workspace.IgnoreFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is not seen inside of outputs: by the {@code .dvcignore} files around them, and what DVC
 * never looks at. Thread-safe.
 */
final class ProjectIgnores implements IgnoreFilter {
  private static final String FILE = ".dvcignore";
  private static final Set<String> NEVER = Set.of(".git", ".hg", ".dvc");

  private final Path root;
  private final ConcurrentHashMap<Path, IgnoreRules> rules = new ConcurrentHashMap<>();

  ProjectIgnores(Path root) {
    this.root = root;
  }

  @Override
  public Names in(Path directory) {
    String prefix = directory.startsWith(root) ? root.relativize(directory).toString() : "";
    String at = prefix.isEmpty() ? "" : prefix + "/";
    IgnoreRules found = rules.computeIfAbsent(directory, this::load);
    return (name, isDirectory) ->
        (isDirectory && (NEVER.contains(name) || isProject(directory.resolve(name))))
            || found.isIgnoredItself(at + name, isDirectory);
  }

  /** Returns whether nothing is seen at a path, absolute and in the project. */
  boolean ignores(Path path) {
    Path parent = path.getParent();
    return parent != null
        && path.startsWith(root)
        && rules.computeIfAbsent(parent, this::load).isIgnored(root.relativize(path).toString());
  }

  private static boolean isProject(Path directory) {
    return Files.isDirectory(directory.resolve(".dvc"));
  }

  private IgnoreRules load(Path directory) {
    IgnoreRules all = new IgnoreRules();
    try {
      for (Path at = directory; at != null && at.startsWith(root); at = at.getParent()) {
        Path file = at.resolve(FILE);
        if (Files.isRegularFile(file)) {
          all.add(root.relativize(at).toString(), stripped(Files.readAllBytes(file)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** DVC strips the lines at both ends. */
  private static byte[] stripped(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(String::strip)
        .reduce("", (all, line) -> all + line + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
