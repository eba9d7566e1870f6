package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds out which objects a remote has, by listing or by asking, whichever takes fewer requests.
 */
final class Existence {
  private static final int FEW = 8;
  private static final int LIST_TRIES = 3;

  private final Remote remote;
  private final int lanes;
  private final Set<ObjectKey> found = ConcurrentHashMap.newKeySet();

  private Existence(Remote remote, int lanes) {
    this.remote = remote;
    this.lanes = lanes;
  }

  /** Returns those of the objects that the remote has. */
  static Set<ObjectKey> of(Remote remote, Collection<ObjectKey> keys, int lanes)
      throws IOException {
    if (keys.isEmpty() || !remote.isThere()) {
      return Set.of();
    }
    Existence existence = new Existence(remote, lanes);
    Map<String, Map<String, Map<String, ObjectKey>>> byBase = new HashMap<>();
    for (ObjectKey key : keys) {
      String path = ContentAddressedSource.place(key).path();
      int slash = path.lastIndexOf('/');
      String directory = path.substring(0, slash + 1);
      String base = directory.substring(0, directory.length() - 3);
      byBase
          .computeIfAbsent(base, b -> new TreeMap<>())
          .computeIfAbsent(directory, d -> new HashMap<>())
          .put(path, key);
    }
    for (Map.Entry<String, Map<String, Map<String, ObjectKey>>> base : byBase.entrySet()) {
      existence.find(base.getKey(), base.getValue());
    }
    return existence.found;
  }

  private void find(String base, Map<String, Map<String, ObjectKey>> wanted) throws IOException {
    List<Map.Entry<String, ObjectKey>> all = new ArrayList<>();
    wanted.values().forEach(directory -> all.addAll(directory.entrySet()));
    boolean ask =
        all.size() <= FEW
            || !remote.capabilities().contains(Remote.Capability.LIST)
            || remote.capabilities().contains(Remote.Capability.LOCAL);
    if (ask) {
      Lanes.run(all, lanes, this::ask);
      return;
    }
    Map<String, Integer> counts = new TreeMap<>();
    wanted.forEach((directory, keys) -> counts.put(directory, keys.size()));
    long perDirectory = remote.listing().perDirectory() ? 1 : probe(wanted);
    ExistencePlan plan = ExistencePlan.of(base, counts, perDirectory, remote.listing());
    Lanes.run(plan.lists(), lanes, prefix -> list(prefix, wanted));
    List<Map.Entry<String, ObjectKey>> single = new ArrayList<>();
    wanted.forEach(
        (directory, keys) -> {
          if (plan.asked().getOrDefault(directory, true)) {
            single.addAll(keys.entrySet());
          }
        });
    Lanes.run(single, lanes, this::ask);
  }

  private void ask(Map.Entry<String, ObjectKey> key) throws IOException {
    if (remote.capabilities().contains(Remote.Capability.LOCAL)) {
      if (remote.localFile(RemoteKey.of(key.getKey())).isPresent()) {
        found.add(key.getValue());
      }
      return;
    }
    try {
      remote.stat(RemoteKey.of(key.getKey()));
      found.add(key.getValue());
    } catch (ObjectMissingException e) {
      return; // that is the answer
    }
  }

  /** Counts the keys of one directory; -1 if there are too many to be worth listing. */
  private long probe(Map<String, Map<String, ObjectKey>> wanted) throws IOException {
    String directory = "";
    int largest = 0;
    for (Map.Entry<String, Map<String, ObjectKey>> other : wanted.entrySet()) {
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

  private void list(String prefix, Map<String, Map<String, ObjectKey>> wanted) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        remote.list(prefix, object -> take(object.path(), wanted));
        return;
      } catch (SourceUnreachableException e) {
        if (!e.isTransient() || attempt >= LIST_TRIES) {
          throw e;
        }
      }
    }
  }

  private boolean take(String path, Map<String, Map<String, ObjectKey>> wanted) {
    Map<String, ObjectKey> directory = wanted.get(path.substring(0, path.lastIndexOf('/') + 1));
    ObjectKey key = directory == null ? null : directory.get(path);
    if (key != null) {
      found.add(key);
    }
    return true;
  }
}
