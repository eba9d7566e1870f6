package io.revfs.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/** The refs of a repository by their full names, read and written one by one. Thread-safe. */
public final class GitRefs {
  private final Repository repository;

  GitRefs(Repository repository) {
    this.repository = repository;
  }

  /** Returns the refs whose names begin so, sorted, and what they point to; tags are not peeled. */
  public Map<String, String> below(String prefix) throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (Ref ref : repository.getRefDatabase().getRefsByPrefix(prefix)) {
      ObjectId id = ref.getObjectId();
      if (id != null) {
        found.put(ref.getName(), id.getName());
      }
    }
    return found;
  }

  /** Returns what a ref points to. */
  public Optional<String> get(String ref) throws IOException {
    Ref found = repository.exactRef(ref);
    return found == null || found.getObjectId() == null
        ? Optional.empty()
        : Optional.of(found.getObjectId().getName());
  }

  /** Returns the name of the branch that {@code HEAD} stands for; empty if it is detached. */
  public Optional<String> headBranch() throws IOException {
    String full = repository.getFullBranch();
    return full != null && full.startsWith(Constants.R_HEADS)
        ? Optional.of(full.substring(Constants.R_HEADS.length()))
        : Optional.empty();
  }

  /**
   * Makes a ref.
   *
   * @return false if there is one of that name already
   */
  public boolean create(String ref, String commit, String message) throws IOException {
    RefUpdate update = update(ref, commit, message);
    update.setExpectedOldObjectId(ObjectId.zeroId());
    RefUpdate.Result result = update.update();
    return switch (result) {
      case NEW -> true;
      case LOCK_FAILURE, REJECTED, NO_CHANGE, FAST_FORWARD -> {
        if (get(ref).isEmpty()) {
          throw failed(ref, result);
        }
        yield false;
      }
      default -> throw failed(ref, result);
    };
  }

  /** Makes a ref point to a commit, whatever it points to now. */
  public void set(String ref, String commit, String message) throws IOException {
    RefUpdate.Result result = update(ref, commit, message).forceUpdate();
    switch (result) {
      case NEW, FORCED, FAST_FORWARD, NO_CHANGE -> {}
      default -> throw failed(ref, result);
    }
  }

  private RefUpdate update(String ref, String commit, String message) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(ObjectId.fromString(commit));
    update.setRefLogMessage(message, false);
    return update;
  }

  /** Removes a ref; returns whether it was there. */
  public boolean delete(String ref) throws IOException {
    if (repository.exactRef(ref) == null) {
      return false;
    }
    RefUpdate update = repository.updateRef(ref, true);
    update.setForceUpdate(true);
    RefUpdate.Result result = update.delete();
    switch (result) {
      case FORCED, NO_CHANGE, NEW, FAST_FORWARD -> {}
      default -> throw failed(ref, result);
    }
    return true;
  }

  private static IOException failed(String ref, RefUpdate.Result result) {
    return new IOException(
        "the ref %s cannot be written (%s): another program may be writing it"
            .formatted(ref, result.name().toLowerCase(java.util.Locale.ROOT)));
  }

  /** Returns whether Git takes this as the full name of a ref. */
  public static boolean isName(String ref) {
    return Repository.isValidRefName(ref);
  }

  /** Returns a commit and its first parents, so many in all; all of them for a negative number. */
  public List<String> firstParents(String commit, long most) throws IOException {
    List<String> found = new ArrayList<>();
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit at = walk.parseCommit(ObjectId.fromString(commit));
      while (most < 0 || found.size() < most) {
        found.add(at.getName());
        if (at.getParentCount() == 0) {
          break;
        }
        at = walk.parseCommit(at.getParent(0));
      }
    }
    return found;
  }
}
