package io.revfs.project;

import io.revfs.git.GitCommand;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The {@code .gitignore} beside data that DVC tracks, with an entry {@code /name} for it. Other
 * lines are never changed, whatever bytes they have. For one thread.
 */
public final class GitIgnoreFile {
  private static final long GIT_SECONDS = 60;
  private static final String SPECIAL = "[]!*#?";

  /** Each byte is a character, so that what is not ours stays as it is. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private final Path gitRoot;
  private final Path data;
  private final Path file;
  private final String entry;

  /**
   * @param gitRoot the top of Git's work tree
   * @param data absolute, in there
   */
  public GitIgnoreFile(Path gitRoot, Path data) {
    this.gitRoot = gitRoot;
    this.data = data;
    this.file = data.resolveSibling(".gitignore");
    this.entry = new String(entry(data).getBytes(StandardCharsets.UTF_8), BYTES);
  }

  /**
   * As DVC writes it, but for what would not be the name then: a line break, a backslash, a space
   * at the end. Git would take such data in.
   */
  private static String entry(Path data) {
    StringBuilder entry = new StringBuilder("/");
    String name = Objects.requireNonNull(data.getFileName()).toString();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean last = i == name.length() - 1;
      if (SPECIAL.indexOf(c) >= 0 || c == '\\' || (c == ' ' && last)) {
        entry.append('\\');
      }
      entry.append(c == '\n' ? '?' : c);
    }
    return entry.toString();
  }

  /** Returns where it is; it need not be there. */
  public Path file() {
    return file;
  }

  /** Returns whether Git tracks the data, or anything inside of it. */
  public boolean isDataTracked() throws IOException {
    GitCommand.Result result =
        GitCommand.run(
            gitRoot, GIT_SECONDS, "--literal-pathspecs", "ls-files", "--", data.toString());
    if (result.exit() != 0) {
      throw new IOException("git ls-files: " + result.output().strip());
    }
    return !result.output().isBlank();
  }

  /**
   * Makes Git ignore the data, unless it does already.
   *
   * @return whether the file was written
   */
  public boolean add(int umask) throws IOException {
    String text = text();
    if (text.lines().anyMatch(entry::equals)) {
      return false; // Git need not be asked, which costs a process
    }
    if (GitCommand.run(gitRoot, GIT_SECONDS, "check-ignore", "-q", "--", data.toString()).exit()
        == 0) {
      return false;
    }
    String end = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
    AtomicFile.replace(file, (text + end + entry + "\n").getBytes(BYTES), umask);
    return true;
  }

  /**
   * Takes the entry out; a file that had nothing else is removed.
   *
   * @return whether the file was written or removed
   */
  public boolean remove(int umask) throws IOException {
    List<String> lines = Arrays.asList(text().splitWithDelimiters("\n", 0));
    StringBuilder left = new StringBuilder();
    boolean found = false;
    for (int i = 0; i < lines.size(); i += 2) {
      if (lines.get(i).equals(entry) || lines.get(i).strip().equals(entry)) {
        found = true;
      } else {
        left.append(lines.get(i)).append(i + 1 < lines.size() ? lines.get(i + 1) : "");
      }
    }
    if (!found) {
      return false;
    }
    if (left.isEmpty()) {
      Files.delete(file);
    } else {
      AtomicFile.replace(file, left.toString().getBytes(BYTES), umask);
    }
    return true;
  }

  private String text() throws IOException {
    return Files.exists(file) ? new String(Files.readAllBytes(file), BYTES) : "";
  }
}
