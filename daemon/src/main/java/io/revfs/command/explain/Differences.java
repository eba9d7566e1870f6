package io.revfs.command.explain;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.KeyPaths;
import io.revfs.metric.ValueFiles;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.workspace.Contents;
import io.revfs.workspace.FileEntry;
import io.revfs.workspace.OutStatus;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The two values of what differs. */
final class Differences {
  private final Session session;

  Differences(Session session) {
    this.session = session;
  }

  /** A dependency that is of another repository, or no file. */
  Reason elsewhere(Dep dep, Map.Entry<String, String> status) {
    return new Reason(
        Reason.Kind.DEPENDENCY,
        status.getKey(),
        dep.key().map(ObjectKey::name).orElse(null),
        null,
        status.getValue());
  }

  List<Reason> dependency(Dep dep, OutStatus status) throws IOException {
    Path file = dep.place().file(session.project().root());
    Optional<ObjectKey> recorded = dep.key();
    return compared(
        Reason.Kind.DEPENDENCY, dep.place().shown(session.from()), recorded, file, status);
  }

  List<Reason> output(Out out, OutStatus status) throws IOException {
    return compared(
        Reason.Kind.OUTPUT,
        session.shown(out),
        session.files().key(out),
        session.files().place(out),
        status);
  }

  private List<Reason> compared(
      Reason.Kind kind, String shown, Optional<ObjectKey> recorded, Path file, OutStatus status)
      throws IOException {
    Digest.Algorithm algorithm =
        recorded.map(key -> key.digest().algorithm()).orElse(Digest.Algorithm.MD5);
    Optional<Contents> now = session.files().contents(file, algorithm);
    String note =
        status == OutStatus.NOT_IN_CACHE
            ? "not in the cache"
            : recorded.isEmpty() ? "not recorded yet" : now.isEmpty() ? "missing" : "changed";
    List<Reason> reasons = new ArrayList<>();
    reasons.add(
        new Reason(
            kind,
            shown,
            recorded.map(ObjectKey::name).orElse(null),
            now.map(contents -> contents.key().name()).orElse(null),
            note));
    if (now.isPresent()
        && now.get() instanceof Contents.Directory directory
        && recorded.isPresent()
        && recorded.get().manifest()) {
      reasons.addAll(inside(shown, recorded.get(), directory));
    }
    return reasons;
  }

  /** What differs in a directory; nothing where the cache does not know what was in it. */
  private List<Reason> inside(String shown, ObjectKey recorded, Contents.Directory now)
      throws IOException {
    Optional<List<ManifestItem>> items = session.files().items(recorded);
    List<Reason> reasons = new ArrayList<>();
    if (items.isEmpty()) {
      return reasons;
    }
    Map<String, String> before = new TreeMap<>();
    items.get().forEach(item -> before.put(item.path(), item.digest().hex()));
    Map<String, String> after = new TreeMap<>();
    for (FileEntry entry : now.entries()) {
      after.put(entry.path(), entry.digest().hex());
    }
    Set<String> paths = new LinkedHashSet<>(before.keySet());
    paths.addAll(after.keySet());
    for (String path : paths) {
      String was = before.get(path);
      String is = after.get(path);
      if (was == null || !was.equals(is)) {
        String note = was == null ? "new" : is == null ? "gone" : "";
        reasons.add(new Reason(Reason.Kind.FILE, shown + "/" + path, was, is, note));
      }
    }
    return reasons;
  }

  /**
   * Parameters of a file.
   *
   * @param changed words by dotted key, or one word for the whole file
   */
  List<Reason> parameters(ParamsDep params, Object changed) throws IOException {
    String file = params.place().shown(session.from());
    Map<String, @Nullable Object> recorded = params.locked().orElse(Map.of());
    Map<String, @Nullable Object> now = values(params);
    Map<String, Object> words = new LinkedHashMap<>();
    if (changed instanceof Map<?, ?> map) {
      map.forEach((key, word) -> words.put(String.valueOf(key), String.valueOf(word)));
    } else if (!Passages.exists(params.place().file(session.project().root()))) {
      return List.of(new Reason(Reason.Kind.DEPENDENCY, file, null, null, "missing"));
    } else {
      params.keys().forEach(key -> words.put(key, changed));
      if (params.isWholeFile()) {
        now.keySet().forEach(key -> words.put(key, changed));
      }
    }
    List<Reason> reasons = new ArrayList<>();
    for (String key : words.keySet()) {
      Optional<KeyPaths.Found> found =
          params.isWholeFile() && now.containsKey(key)
              ? Optional.of(new KeyPaths.Found(now.get(key)))
              : KeyPaths.get(now, key);
      Object was = recorded.containsKey(key) ? recorded.get(key) : Reason.Absent.VALUE;
      Object is = found.isPresent() ? found.get().value() : Reason.Absent.VALUE;
      reasons.add(new Reason(Reason.Kind.PARAMETER, file + ":" + key, was, is, ""));
    }
    return reasons;
  }

  private Map<String, @Nullable Object> values(ParamsDep params) throws IOException {
    Path file = params.place().file(session.project().root());
    if (!Passages.exists(file)) {
      return Map.of();
    }
    try {
      return ValueFiles.parameters(params.place().path(), Passages.readAllBytes(file));
    } catch (DvcFormatException e) {
      return Map.of(); // who compares says it
    }
  }
}
