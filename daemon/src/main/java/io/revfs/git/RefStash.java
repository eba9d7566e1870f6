package io.revfs.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ReflogEntry;
import org.eclipse.jgit.lib.ReflogReader;
import org.eclipse.jgit.lib.Repository;

/**
 * Commits that a ref's log keeps, the newest first, as {@code git stash} does with its own. For one
 * thread; whoever writes holds a lock of its own.
 */
public final class RefStash {
  private static final String PREFIX = "commit: ";

  private final Repository repository;
  private final GitCaller git;
  private final String ref;

  RefStash(Repository repository, GitCaller git, String ref) {
    this.repository = repository;
    this.git = git;
    this.ref = ref;
  }

  /** One of them, and the message it was put with. */
  public record Entry(String commit, String message) {}

  /** Returns all, the newest first. */
  public List<Entry> entries() throws IOException {
    ReflogReader reader =
        repository.exactRef(ref) == null ? null : repository.getRefDatabase().getReflogReader(ref);
    if (reader == null) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (ReflogEntry entry : reader.getReverseEntries()) {
      String comment = entry.getComment();
      entries.add(
          new Entry(
              entry.getNewId().getName(),
              comment.startsWith(PREFIX) ? comment.substring(PREFIX.length()) : comment));
    }
    return entries;
  }

  /** Puts a commit on top. */
  public void push(String commit, String message) throws IOException {
    var unused = git.run("update-ref", "--create-reflog", "-m", PREFIX + message, ref, commit);
  }

  /** Takes a commit out; returns whether it was there. */
  public boolean drop(String commit) throws IOException {
    List<Entry> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).commit().equals(commit)) {
        if (entries.size() == 1) {
          clear();
        } else {
          var unused =
              git.run("reflog", "delete", "--updateref", "--rewrite", ref + "@{" + i + "}");
        }
        return true;
      }
    }
    return false;
  }

  /** Takes all out. */
  public void clear() throws IOException {
    if (repository.exactRef(ref) != null) {
      var unused = git.run("update-ref", "-d", ref);
    }
  }
}
