package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code diff}: which tracked files differ between two revisions, or a revision and the work tree.
 */
final class DiffCommand implements Command {
  private static final String WORK_TREE = "workspace";
  private static final String MISSING = "not in cache";

  private final Workspaces workspaces;

  DiffCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "diff";
  }

  /** A line of the answer. */
  private record Row(Object path, @Nullable Object hash) {
    String sorted() {
      return path instanceof Map<?, ?> both ? String.valueOf(both.get("old")) : path.toString();
    }
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Comparing")) {
      String from = call.value("a_rev").orElse("HEAD");
      String to = call.value("b_rev").orElse(WORK_TREE);
      Map<String, List<Row>> rows = rows(session, from, to);
      boolean hideMissing = call.value("b_rev").isPresent() || call.flag("hide-missing");
      if (hideMissing) {
        rows.remove(MISSING);
      }
      rows.values().forEach(list -> list.sort(Comparator.comparing(Row::sorted)));
      call.result(json(rows, call.flag("show-hash")));
      if (call.flag("md")) {
        call.out(DiffText.markdown(view(rows), call.flag("show-hash")));
      } else {
        String text = DiffText.plain(view(rows), call.flag("show-hash"));
        if (!text.isEmpty()) {
          call.out(text);
        }
      }
    }
  }

  private static Map<String, List<DiffText.Line>> view(Map<String, List<Row>> rows) {
    Map<String, List<DiffText.Line>> view = new LinkedHashMap<>();
    rows.forEach(
        (state, list) ->
            view.put(
                state, list.stream().map(r -> new DiffText.Line(r.path(), r.hash())).toList()));
    return view;
  }

  private static Map<String, List<Map<String, Object>>> json(
      Map<String, List<Row>> rows, boolean hashes) {
    Map<String, List<Map<String, Object>>> json = new LinkedHashMap<>();
    rows.forEach(
        (state, list) -> {
          List<Map<String, Object>> entries = new ArrayList<>();
          for (Row row : list) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("path", row.path());
            if (hashes) {
              entry.put("hash", row.hash());
            }
            entries.add(entry);
          }
          json.put(state, entries);
        });
    return json;
  }

  /** Returns what differs by state; nothing if nothing does. */
  private static Map<String, List<Row>> rows(Session session, String from, String to)
      throws IOException {
    if (session.git().isPresent() && session.git().get().resolve("HEAD").isEmpty()) {
      return new LinkedHashMap<>(); // no commits yet
    }
    Optional<String> before = commit(session, from);
    Optional<String> after = commit(session, to);
    if (before.equals(after)) {
      return new LinkedHashMap<>();
    }
    StageIndex oldIndex = index(session, before);
    StageIndex newIndex = index(session, after);
    boolean withMissing = session.call().value("b_rev").isEmpty();
    Set<String> none = new HashSet<>(missing(session, oldIndex));
    none.retainAll(missing(session, newIndex));
    if (!none.isEmpty()) {
      throw new CommandFailure(
          "No such file or directory: '%s'".formatted(none.iterator().next()),
          "name what is tracked in one of the two",
          CommandFailure.OTHER);
    }
    DataTree old = tree(session, oldIndex, before);
    DataTree now = tree(session, newIndex, after);
    TreeDiff.Options options = new TreeDiff.Options(true, withMissing, false);
    List<TreeDiff.Change> changes = new ArrayList<>();
    for (TreeDiff.Change change : TreeDiff.between(old, now, options)) {
      if (isAsked(session, change.any().path())) {
        changes.add(change);
      }
    }
    return rows(session, changes, withMissing);
  }

  private static Optional<String> commit(Session session, String revision) throws IOException {
    return revision.equals(WORK_TREE) ? Optional.empty() : Optional.of(session.commit(revision));
  }

  private static StageIndex index(Session session, Optional<String> commit) throws IOException {
    return commit.isPresent() ? session.indexOf(commit.get()) : session.index();
  }

  private static DataTree tree(Session session, StageIndex index, Optional<String> commit)
      throws IOException {
    Predicate<Out> asked = asked(session);
    return commit.isPresent()
        ? DataTree.recorded(session.files(), index, asked)
        : DataTree.present(session.files(), index, asked);
  }

  private static Predicate<Out> asked(Session session) {
    List<String> paths = paths(session);
    return out ->
        paths.isEmpty()
            || paths.stream()
                .anyMatch(path -> isWithin(path, out.path()) || isWithin(out.path(), path));
  }

  private static List<String> paths(Session session) {
    return session.call().values("targets").stream().map(session::inProject).toList();
  }

  private static boolean isAsked(Session session, String path) {
    List<String> paths = paths(session);
    return paths.isEmpty() || paths.stream().anyMatch(target -> isWithin(path, target));
  }

  private static boolean isWithin(String path, String directory) {
    return directory.isEmpty() || path.equals(directory) || path.startsWith(directory + "/");
  }

  private static List<String> missing(Session session, StageIndex index) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String target : session.call().values("targets")) {
      try {
        List<Target> found = session.targetsIn(index, target);
        if (found.isEmpty()) {
          missing.add(target);
        }
      } catch (UnknownTargetException e) {
        if (index.outsBelow(session.inProject(target)).isEmpty()) {
          missing.add(target);
        }
      }
    }
    return missing;
  }

  private static Map<String, List<Row>> rows(
      Session session, List<TreeDiff.Change> changes, boolean withMissing) throws IOException {
    Map<String, List<Row>> rows = new LinkedHashMap<>();
    for (String state : List.of("added", "deleted", "modified", "renamed", MISSING)) {
      rows.put(state, new ArrayList<>());
    }
    for (TreeDiff.Change change : changes) {
      TreeDiff.Item before = change.before();
      TreeDiff.Item after = change.after();
      if (isUnhashed(before) || isUnhashed(after)) {
        continue;
      }
      switch (change.kind()) {
        case ADDED -> row(rows, "added", after, hash(after));
        case DELETED -> row(rows, "deleted", before, hash(before));
        case MODIFIED -> row(rows, "modified", before, both(hash(before), hash(after)));
        case RENAMED -> {
          if (before != null && after != null) {
            Object path = both(before.shown(), after.shown());
            rows.computeIfAbsent("renamed", s -> new ArrayList<>())
                .add(new Row(path, hash(before)));
          }
        }
        case UNCHANGED, UNKNOWN -> {}
      }
      boolean missing =
          withMissing
              && before != null
              && before.key().isPresent()
              && !session
                  .files()
                  .isHere(session.project().root().resolve(before.path()), before.key().get());
      if (missing) {
        row(rows, MISSING, before, hash(before));
      }
    }
    boolean none = rows.values().stream().allMatch(List::isEmpty);
    return none ? new LinkedHashMap<>() : rows;
  }

  private static boolean isUnhashed(TreeDiff.@Nullable Item item) {
    return item != null && item.isDirectory() && item.key().isEmpty();
  }

  private static void row(
      Map<String, List<Row>> rows, String state, TreeDiff.@Nullable Item item, @Nullable Object h) {
    if (item != null) {
      rows.computeIfAbsent(state, s -> new ArrayList<>()).add(new Row(item.shown(), h));
    }
  }

  private static @Nullable String hash(TreeDiff.@Nullable Item item) {
    return item == null ? null : item.key().map(ObjectKey::name).orElse(null);
  }

  private static Map<String, @Nullable Object> both(@Nullable Object old, @Nullable Object now) {
    Map<String, @Nullable Object> both = new LinkedHashMap<>();
    both.put("old", old);
    both.put("new", now);
    return both;
  }
}
