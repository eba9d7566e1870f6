package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.git.GitRepository;
import io.revfs.git.GitStatus;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code data status}: what differs between HEAD, the {@code .dvc} files and the work tree. */
final class DataStatusCommand implements Command {
  private final Workspaces workspaces;
  private final RemoteData remotes;

  DataStatusCommand(Workspaces workspaces, RemoteData remotes) {
    this.workspaces = workspaces;
    this.remotes = remotes;
  }

  @Override
  public String name() {
    return "data status";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String untracked =
        call.has("untracked-files") ? call.value("untracked-files").orElse("") : "no";
    untracked = untracked.isEmpty() ? "all" : untracked;
    if (!untracked.equals("no") && !untracked.equals("all")) {
      throw new CommandFailure(
          "argument --untracked-files: invalid choice: '%s'".formatted(untracked),
          "choose 'no' or 'all'",
          CommandFailure.USAGE);
    }
    try (Session session = Session.open(call, workspaces, "Comparing")) {
      Map<String, Object> status = status(session, untracked.equals("all"));
      GitStatus git = (GitStatus) status.remove("git");
      status.values().removeIf(DataStatusCommand::isEmpty);
      call.result(status);
      call.out(DataStatusText.of(status, git));
    }
  }

  private static boolean isEmpty(Object value) {
    return value instanceof Map<?, ?> map ? map.isEmpty() : ((List<?>) value).isEmpty();
  }

  /** What was never downloaded is not kept for the import, even if the cache has the same bytes. */
  private static boolean isOnlyAtSource(StageIndex index, String path) {
    return index.outAt(path).filter(out -> index.owner(out).isPartialImport()).isPresent();
  }

  private Map<String, Object> status(Session session, boolean untracked) throws IOException {
    Invocation call = session.call();
    boolean granular = call.flag("granular");
    List<String> filter = call.values("targets").stream().map(session::inProject).toList();
    Predicate<Out> asked = out -> filter.isEmpty() || overlapsAny(out.path(), filter);
    StageIndex index = session.index();
    DataTree.Lists remote = onRemotes(call);
    DataTree recorded = DataTree.recorded(session.files(), index, asked, remote);
    DataTree present = DataTree.present(session.files(), index, asked);
    TreeDiff.Options options = new TreeDiff.Options(granular, true, true);
    Side uncommitted = new Side(filter);
    List<String> notInCache = new ArrayList<>();
    List<TreeDiff.Item> items = new ArrayList<>();
    for (TreeDiff.Change change : TreeDiff.between(recorded, present, options)) {
      if (uncommitted.add(change)) {
        TreeDiff.Item before = change.before();
        if (before != null && before.key().isPresent()) {
          items.add(before);
          boolean gone = change.after() == null && isOnlyAtSource(index, before.path());
          if (gone
              || !session
                  .files()
                  .isHere(session.project().root().resolve(before.path()), before.key().get())) {
            notInCache.add(before.shown());
          }
        }
      }
    }
    Side committed = new Side(filter);
    Optional<DataTree> head = head(session, asked, remote);
    if (head.isPresent()) {
      for (TreeDiff.Change change : TreeDiff.between(head.get(), recorded, options)) {
        committed.add(change);
      }
    }
    Set<String> unchanged = uncommitted.unchanged();
    if (head.isPresent()) {
      unchanged.retainAll(committed.unchanged());
    }
    GitStatus git = git(session, untracked);
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("not_in_cache", notInCache);
    status.put("not_in_remote", call.flag("not-in-remote") ? lacking(call, items) : List.of());
    status.put("committed", committed.states());
    status.put("uncommitted", uncommitted.states());
    status.put("untracked", untracked ? untracked(session, git, filter) : List.of());
    status.put("unchanged", call.flag("unchanged") ? List.copyOf(unchanged) : List.of());
    status.put("git", git);
    return status;
  }

  /** Returns the lists that only remotes have, each asked for once. */
  private DataTree.Lists onRemotes(Invocation call) {
    Map<ObjectKey, Optional<List<ManifestItem>>> known = new HashMap<>();
    return (out, manifest) -> {
      Optional<List<ManifestItem>> items = known.get(manifest);
      if (items == null) {
        items = remotes.items(call, out.remote(), manifest);
        known.put(manifest, items);
      }
      return items;
    };
  }

  private List<String> lacking(Invocation call, List<TreeDiff.Item> items) throws IOException {
    Set<ObjectKey> keys = new LinkedHashSet<>();
    items.forEach(item -> item.key().ifPresent(keys::add));
    Set<ObjectKey> lacking = remotes.lacking(call, keys);
    return items.stream()
        .filter(item -> item.key().filter(lacking::contains).isPresent())
        .map(TreeDiff.Item::shown)
        .toList();
  }

  private static boolean overlapsAny(String path, List<String> filter) {
    return filter.stream().anyMatch(f -> isWithin(path, f) || isWithin(f, path));
  }

  private static boolean isWithin(String path, String directory) {
    return directory.isEmpty() || path.equals(directory) || path.startsWith(directory + "/");
  }

  /** Returns what HEAD records; empty without Git, a tree of nothing before the first commit. */
  private static Optional<DataTree> head(
      Session session, Predicate<Out> asked, DataTree.Lists remote) throws IOException {
    Optional<GitRepository> git = session.git();
    if (git.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> commit = git.get().resolve("HEAD");
    if (commit.isEmpty()) {
      return Optional.of(DataTree.recorded(session.files(), session.index(), out -> false));
    }
    return Optional.of(
        DataTree.recorded(session.files(), session.indexOf(commit.get()), asked, remote));
  }

  /** Git is asked only for what is shown. */
  private static GitStatus git(Session session, boolean untracked) throws IOException {
    Optional<Path> top = session.project().gitRoot();
    boolean asked = untracked || !session.call().flag("json");
    return top.isPresent() && asked ? GitStatus.of(top.get(), untracked) : GitStatus.NONE;
  }

  /** Returns what neither Git nor DVC tracks, as the caller sees it. */
  private static List<String> untracked(Session session, GitStatus git, List<String> filter) {
    List<String> shown = new ArrayList<>();
    Path top = session.project().gitRoot().orElse(session.project().root());
    for (String path : git.untracked()) {
      Path file = top.resolve(path);
      if (!session.project().contains(file)) {
        continue;
      }
      String inProject = session.project().relative(file);
      if (filter.isEmpty() || filter.stream().anyMatch(f -> isWithin(inProject, f))) {
        shown.add(session.shown(file) + (path.endsWith("/") ? "/" : ""));
      }
    }
    return shown;
  }

  /** The differences of one comparison, by DVC's words. */
  private static final class Side {
    private final List<String> filter;
    private final Map<String, List<Object>> states = new LinkedHashMap<>();
    private final Set<String> unchanged = new LinkedHashSet<>();

    Side(List<String> filter) {
      this.filter = filter;
    }

    Map<String, List<Object>> states() {
      return states;
    }

    Set<String> unchanged() {
      return unchanged;
    }

    /** Takes a difference; returns whether it counts. */
    boolean add(TreeDiff.Change change) {
      String path = change.any().path();
      if (!filter.isEmpty() && filter.stream().noneMatch(f -> isWithin(path, f))) {
        return false;
      }
      boolean nothing = key(change.before()).isEmpty() && key(change.after()).isEmpty();
      switch (change.kind()) {
        case UNCHANGED -> {
          if (nothing) {
            return false;
          }
          unchanged.add(change.any().shown());
        }
        case UNKNOWN -> {
          if (change.after() == null) {
            return false;
          }
          state("unknown").add(change.any().shown());
        }
        case RENAMED -> {
          Map<String, Object> both = new LinkedHashMap<>();
          both.put("old", java.util.Objects.requireNonNull(change.before()).shown());
          both.put("new", change.any().shown());
          state("renamed").add(both);
        }
        case ADDED, DELETED, MODIFIED ->
            state(change.kind().name().toLowerCase(Locale.ROOT)).add(change.any().shown());
      }
      return true;
    }

    private List<Object> state(String name) {
      return states.computeIfAbsent(name, n -> new ArrayList<>());
    }

    private static Optional<ObjectKey> key(TreeDiff.@Nullable Item item) {
      return item == null ? Optional.empty() : item.key();
    }
  }
}
