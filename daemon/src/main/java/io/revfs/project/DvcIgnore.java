package io.revfs.project;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What DVC does not see of a project: by its {@code .dvcignore} files, each for its directory and
 * below, the last rule that says something of a path having the last word; never {@code .git},
 * {@code .hg} and {@code .dvc}; and no other project below. Nothing below what is not seen is seen.
 * Paths are relative to the project's root, with {@code /}; the root is the empty path.
 * Thread-safe; each file of rules is read once.
 */
public final class DvcIgnore {
  /** The name of the files of rules. */
  public static final String FILE = ".dvcignore";

  private static final List<String> NEVER = List.of(".hg/", ".git/", ".git", ".dvc/");

  private final Source source;
  private final ConcurrentHashMap<String, InDirectory> directories = new ConcurrentHashMap<>();

  /** The files that rules are read from. */
  public interface Source {
    /** Returns the bytes of a file; empty if there is none. */
    Optional<byte[]> read(String path) throws IOException;

    /** Returns whether a directory is the root of a project. */
    boolean isProject(String directory) throws IOException;
  }

  /** Reads rules from {@code source} as they are needed. */
  public DvcIgnore(Source source) {
    this.source = source;
  }

  /** Returns what is not seen of a work tree. */
  public static DvcIgnore of(Path root) {
    return new DvcIgnore(
        new Source() {
          @Override
          public Optional<byte[]> read(String path) throws IOException {
            Path file = root.resolve(path);
            return Files.isRegularFile(file)
                ? Optional.of(Files.readAllBytes(file))
                : Optional.empty();
          }

          @Override
          public boolean isProject(String directory) {
            return Project.isRoot(root.resolve(directory));
          }
        });
  }

  /**
   * What decides of a path.
   *
   * @param ignored whether nothing is seen there
   * @param rule the rule that says so, or that it is seen after all; empty if none says anything
   */
  public record Verdict(boolean ignored, Optional<String> rule) {}

  /** The rules that hold in one directory. */
  public final class InDirectory {
    private final String prefix;
    private final List<IgnoreRule> rules;

    /** The last rules that a directory around is named by; what they say holds below it too. */
    private final int inheritedByFiles;

    private final int inheritedByDirectories;

    private InDirectory(
        String prefix, List<IgnoreRule> rules, int inheritedByFiles, int inheritedByDirectories) {
      this.prefix = prefix;
      this.rules = rules;
      this.inheritedByFiles = inheritedByFiles;
      this.inheritedByDirectories = inheritedByDirectories;
    }

    /** Returns what decides of a name in here, the directory itself being seen. */
    public Verdict verdict(String name, boolean directory) throws IOException {
      String path = prefix + name;
      if (directory && source.isProject(path)) {
        return new Verdict(true, Optional.of("in sub_repo:" + name));
      }
      int last = last(path, directory);
      return last < 0
          ? new Verdict(false, Optional.empty())
          : new Verdict(!rules.get(last).isNegated(), Optional.of(rules.get(last).toString()));
    }

    /** Returns whether nothing is seen of a name in here, the directory itself being seen. */
    public boolean ignores(String name, boolean directory) throws IOException {
      String path = prefix + name;
      int last = last(path, directory);
      return (last >= 0 && !rules.get(last).isNegated()) || (directory && source.isProject(path));
    }

    private int last(String path, boolean directory) {
      int inherited = directory ? inheritedByDirectories : inheritedByFiles;
      for (int i = rules.size() - 1; i > inherited; i--) {
        if (rules.get(i).names(path, directory)) {
          return i;
        }
      }
      return inherited;
    }

    private InDirectory below(String name) throws IOException {
      String path = prefix + name;
      int byFiles = inheritedByFiles;
      int byDirectories = inheritedByDirectories;
      for (int i = 0; i < rules.size(); i++) {
        if (rules.get(i).names(path, true)) {
          byDirectories = Math.max(byDirectories, i);
          byFiles = rules.get(i).isOfDirectories() ? byFiles : Math.max(byFiles, i);
        }
      }
      InDirectory below = new InDirectory(path + "/", rules, byFiles, byDirectories);
      if (ignores(name, true) || below.ignores(FILE, false)) {
        return below;
      }
      List<IgnoreRule> all = new ArrayList<>(rules);
      return all.addAll(read(path + "/"))
          ? new InDirectory(path + "/", all, byFiles, byDirectories)
          : below;
    }
  }

  /** Returns the rules in a directory. */
  public InDirectory in(String directory) throws IOException {
    InDirectory known = directories.get(directory);
    if (known != null) {
      return known;
    }
    int slash = directory.lastIndexOf('/');
    InDirectory found =
        directory.isEmpty()
            ? root()
            : in(slash < 0 ? "" : directory.substring(0, slash))
                .below(directory.substring(slash + 1));
    directories.putIfAbsent(directory, found);
    return found;
  }

  private InDirectory root() throws IOException {
    List<IgnoreRule> rules = new ArrayList<>();
    for (String never : NEVER) {
      IgnoreRule.parse("", "", 0, never, "").ifPresent(rules::add);
    }
    rules.addAll(read(""));
    return new InDirectory("", rules, -1, -1);
  }

  /** DVC strips the lines at both ends. */
  private List<IgnoreRule> read(String prefix) throws IOException {
    String file = prefix + FILE;
    List<IgnoreRule> rules = new ArrayList<>();
    Optional<byte[]> content = source.read(file);
    if (content.isPresent()) {
      int number = 0;
      for (String line : new String(content.get(), StandardCharsets.UTF_8).split("\r\n|\r|\n")) {
        number++;
        String rule = line.strip();
        String origin = file + ":" + number + ":" + rule;
        IgnoreRule.parse(prefix, file, number, rule, origin).ifPresent(rules::add);
      }
    }
    return rules;
  }

  /** Returns what decides of a path: the first thing around it that is not seen, or the path. */
  public Verdict verdict(String path, boolean directory) throws IOException {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      String around = path.substring(0, slash);
      int before = around.lastIndexOf('/');
      InDirectory rules = in(before < 0 ? "" : around.substring(0, before));
      Verdict verdict = rules.verdict(around.substring(before + 1), true);
      if (verdict.ignored()) {
        return verdict;
      }
    }
    int last = path.lastIndexOf('/');
    return path.isEmpty()
        ? new Verdict(false, Optional.empty())
        : in(last < 0 ? "" : path.substring(0, last)).verdict(path.substring(last + 1), directory);
  }
}
