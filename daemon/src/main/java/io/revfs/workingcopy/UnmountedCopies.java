package io.revfs.workingcopy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.object.ObjectKey;
import io.revfs.reach.Passages;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.workspace.ShownOutputs;
import io.revfs.workspace.TreeReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkouts whose absent outputs are shown to the recorded runs in them, each in a mount name space
 * of its own, to commands of this process, and to nobody else. By their paths others see what is
 * really there. Thread-safe.
 *
 * <p>No place is attached here: what is brought back is really there, part of what the run made.
 */
public final class UnmountedCopies implements ShownOutputs, Unmounted {
  private static final Logger log = LoggerFactory.getLogger(UnmountedCopies.class);

  private final DataRepositories repositories;
  private final Cache cache;
  private final TreeReader reader;

  /** By their tops, as people have them. */
  private final Map<Path, Copy> open = new ConcurrentHashMap<>();

  /** One of them; it is closed when nobody uses it any more. */
  private static final class Copy {
    private final WorkingCopy copy;

    @GuardedBy("this")
    private int uses = 1;

    Copy(WorkingCopy copy) {
      this.copy = copy;
    }

    synchronized Closeable use() {
      uses++;
      AtomicBoolean ended = new AtomicBoolean();
      return () -> {
        if (!ended.getAndSet(true)) {
          end();
        }
      };
    }

    synchronized void end() {
      uses--;
      if (uses == 0) {
        try {
          copy.close();
        } catch (IOException e) {
          log.warn("{}", e.toString());
        }
      }
    }
  }

  /** {@code reader} knows digests of files that did not change. */
  public UnmountedCopies(DataRepositories repositories, Cache cache, TreeReader reader) {
    this.repositories = repositories;
    this.cache = cache;
    this.reader = reader;
  }

  /**
   * Begins to show what a checkout lacks, until what is returned is closed: from then on no run can
   * begin in it, and one that still goes on sees it to its end.
   *
   * @param below the top of the checkout, where this process reaches it
   * @param of the working copy whose configuration says where data comes from
   * @param hidden the file that remembers what was deleted
   */
  public Closeable open(Path below, Path of, Path hidden) throws IOException {
    Path top = Passages.shown(below);
    DataRepository repository = repositories.open(of.toString());
    Copy copy =
        new Copy(
            WorkingCopy.open(
                top,
                below,
                repository::outputs,
                () -> {},
                cache,
                reader,
                hidden,
                NodeMemory.NONE,
                HeldFiles.NONE));
    open.put(top, copy);
    Closeable passage = Passages.open(copy.copy.covered()); // so our own commands see it as well
    return () -> {
      passage.close();
      if (open.remove(top, copy)) {
        copy.end();
        repositories.forget(below); // who looked at what ran there opened it
      }
    };
  }

  @Override
  public Optional<WritableTree> tree(Path top) {
    return Optional.ofNullable(open.get(top)).map(copy -> copy.copy.tree());
  }

  @Override
  public Closeable use(Path top) {
    Copy copy = open.get(top);
    return copy == null ? () -> {} : copy.use();
  }

  /** The checkout that a place is in, and its path from there. */
  private record Inside(WorkingCopy copy, String path) {}

  private Optional<Inside> find(Path place) {
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Path wanted = Passages.shown(place.toAbsolutePath().normalize());
    for (Path top = wanted; top != null; top = top.getParent()) {
      Copy copy = open.get(top);
      if (copy != null) {
        return Optional.of(new Inside(copy.copy, top.relativize(wanted).toString()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<ObjectKey> shown(Path place) {
    return find(place).flatMap(in -> in.copy().shown(in.path()));
  }

  @Override
  public boolean takeAway(Path place) throws IOException {
    Optional<Inside> in = find(place);
    if (in.isPresent()) {
      in.get().copy().takeAway(in.get().path());
    }
    return in.isPresent();
  }
}
