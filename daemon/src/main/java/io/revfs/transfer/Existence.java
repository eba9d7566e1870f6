package io.revfs.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import java.io.IOException;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Finds out which objects a remote has, by listing or by asking, whichever takes fewer requests.
 */
final class Existence {
  private static final int FEW = 8;
  private static final int LIST_TRIES = 3;

  private final Remote remote;
  private final int lanes;
  private final ObjectKeys wanted;
  private final Consumer<RemoteObject> others;

  @GuardedBy("found")
  private final BitSet found = new BitSet();

  private Existence(Remote remote, int lanes, ObjectKeys wanted, Consumer<RemoteObject> others) {
    this.remote = remote;
    this.lanes = lanes;
    this.wanted = wanted;
    this.others = others;
  }

  /** The objects of one directory: they follow each other. */
  private record Range(int from, int to) {
    int size() {
      return to - from;
    }

    Range and(Range next) {
      return new Range(from, next.to);
    }
  }

  /** Returns those of the objects that the remote has. */
  static ObjectKeys of(Remote remote, Collection<ObjectKey> keys, int lanes) throws IOException {
    return of(remote, keys, lanes, other -> {});
  }

  /**
   * Returns those of the objects that the remote has.
   *
   * @param others gets what is listed on the way and is no object; on any thread
   */
  static ObjectKeys of(
      Remote remote, Collection<ObjectKey> keys, int lanes, Consumer<RemoteObject> others)
      throws IOException {
    ObjectKeys wanted = ObjectKeys.of(keys);
    if (wanted.isEmpty() || !remote.isThere()) {
      return ObjectKeys.NONE;
    }
    Existence existence = new Existence(remote, lanes, wanted, others);
    Map<String, Map<String, Range>> byBase = new HashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      String path = ContentAddressedSource.place(wanted.get(i)).path();
      String directory = path.substring(0, path.lastIndexOf('/') + 1);
      String base = directory.substring(0, directory.length() - 3);
      byBase
          .computeIfAbsent(base, b -> new TreeMap<>())
          .merge(directory, new Range(i, i + 1), Range::and);
    }
    for (Map.Entry<String, Map<String, Range>> base : byBase.entrySet()) {
      existence.find(base.getKey(), base.getValue());
    }
    return existence.found();
  }

  private ObjectKeys found() {
    synchronized (found) {
      return wanted.only(found);
    }
  }

  private void find(String base, Map<String, Range> directories) throws IOException {
    int size = directories.values().stream().mapToInt(Range::size).sum();
    boolean ask =
        size <= FEW
            || !remote.capabilities().contains(Remote.Capability.LIST)
            || remote.capabilities().contains(Remote.Capability.LOCAL);
    BitSet single = new BitSet();
    if (ask) {
      directories.values().forEach(range -> single.set(range.from(), range.to()));
    } else {
      Map<String, Integer> counts = new TreeMap<>();
      directories.forEach((directory, range) -> counts.put(directory, range.size()));
      long perDirectory = remote.listing().perDirectory() ? 1 : probe(directories);
      ExistencePlan plan = ExistencePlan.of(base, counts, perDirectory, remote.listing());
      Lanes.run(plan.lists(), lanes, this::list);
      directories.forEach(
          (directory, range) -> {
            if (plan.asked().getOrDefault(directory, true)) {
              single.set(range.from(), range.to());
            }
          });
    }
    Lanes.run(wanted.only(single), lanes, this::ask);
  }

  private void ask(ObjectKey key) throws IOException {
    RemoteKey place = ContentAddressedSource.place(key);
    if (remote.capabilities().contains(Remote.Capability.LOCAL)) {
      if (remote.localFile(place).isPresent()) {
        mark(key);
      }
      return;
    }
    try {
      remote.stat(place);
      mark(key);
    } catch (ObjectMissingException e) {
      return; // that is the answer
    }
  }

  private boolean mark(ObjectKey key) {
    int at = wanted.indexOf(key);
    if (at >= 0) {
      synchronized (found) {
        found.set(at);
      }
    }
    return true;
  }

  /** Counts the keys of one directory; -1 if there are too many to be worth listing. */
  private long probe(Map<String, Range> directories) throws IOException {
    String directory = "";
    int largest = 0;
    for (Map.Entry<String, Range> other : directories.entrySet()) {
      if (other.getValue().size() > largest) {
        directory = other.getKey();
        largest = other.getValue().size();
      }
    }
    long most = (long) remote.listing().pageKeys() * largest;
    long[] seen = {0};
    remote.list(directory, object -> ++seen[0] < most);
    return seen[0] >= most ? -1 : seen[0];
  }

  private void list(String prefix) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        remote.list(prefix, this::take);
        return;
      } catch (SourceUnreachableException e) {
        if (!e.isTransient() || attempt >= LIST_TRIES) {
          throw e;
        }
      }
    }
  }

  private boolean take(RemoteObject object) {
    Optional<ObjectKey> key = ContentAddressedSource.at(object.path());
    if (key.isPresent()) {
      return mark(key.get());
    }
    others.accept(object);
    return true;
  }
}
