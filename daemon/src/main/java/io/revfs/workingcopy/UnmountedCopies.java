package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.object.ObjectKey;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.workspace.ShownOutputs;
import io.revfs.workspace.Unseen;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checkouts whose absent outputs are shown to the recorded runs in them, each in a mount name space
 * of its own, and to nobody else. By their paths one sees what is really there. Thread-safe.
 */
public final class UnmountedCopies implements ShownOutputs {
  private final DataRepositories repositories;
  private final Cache cache;
  private final Map<Path, WorkingCopy> open = new ConcurrentHashMap<>();

  public UnmountedCopies(DataRepositories repositories, Cache cache) {
    this.repositories = repositories;
    this.cache = cache;
  }

  /**
   * Begins to show what a checkout lacks, until what is returned is closed. No run may be going on
   * in it then.
   *
   * @param top of the checkout
   * @param of the working copy whose configuration says where data comes from
   * @param hidden the file that remembers what was deleted
   */
  public Closeable open(Path top, Path of, Path hidden) throws IOException {
    DataRepository repository = repositories.open(of.toString());
    WorkingCopy copy =
        WorkingCopy.open(top, repository::outputs, () -> {}, cache, hidden, NodeMemory.NONE);
    open.put(top, copy);
    return () -> {
      open.remove(top, copy);
      copy.close();
    };
  }

  /** Returns the checkout with this top. */
  public Optional<WorkingCopy> at(Path top) {
    return Optional.ofNullable(open.get(top));
  }

  /** The checkout that a place is in, and its path from there. */
  private record Inside(WorkingCopy copy, String path) {}

  private Optional<Inside> find(Path place) {
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Path wanted = place.toAbsolutePath().normalize();
    for (Path top = wanted; top != null; top = top.getParent()) {
      WorkingCopy copy = open.get(top);
      if (copy != null) {
        return Optional.of(new Inside(copy, top.relativize(wanted).toString()));
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean isUntouched(Path place, ObjectKey key) {
    return find(place).filter(in -> in.copy().isUntouched(in.path(), key)).isPresent();
  }

  @Override
  public Unseen unseen(Path place, boolean sizes) throws IOException {
    Optional<Inside> in = find(place);
    return in.isEmpty() ? Unseen.NOTHING : in.get().copy().unseen(in.get().path(), sizes);
  }

  @Override
  public void removed(Path place) throws IOException {
    Optional<Inside> in = find(place);
    if (in.isPresent()) {
      in.get().copy().hide(in.get().path());
    }
  }
}
