package io.revfs.command.tracking;

import io.revfs.command.CommandFailure;
import io.revfs.object.ObjectKey;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.target.Target;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.CheckoutPlan;
import io.revfs.workspace.Contents;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings outputs here from the cache, as {@code checkout} and {@code pull} do. All is looked at
 * before anything changes. An output of which anything is missing in the cache is left as it was.
 */
public final class CheckoutRun {
  private final Session session;
  private final Options options;
  private final Map<String, ObjectKey> partial;
  private final List<String> added = new ArrayList<>();
  private final List<String> modified = new ArrayList<>();
  private final List<String> deleted = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();
  private final Map<String, ObjectKey> made = new LinkedHashMap<>();
  private long filesAdded;
  private long filesModified;
  private long filesDeleted;

  /**
   * How it is done.
   *
   * @param force whether files whose bytes are nowhere else may be lost
   * @param relink whether what is right is linked anew as configured
   * @param allowMissing whether what the cache lacks is no failure
   */
  public record Options(boolean force, boolean relink, boolean allowMissing) {}

  /**
   * What it did.
   *
   * @param added outputs as shown to the caller, directories with a slash at the end, as are the
   *     others
   * @param failed outputs that are not complete in the cache
   * @param filesAdded how many files, and so on
   */
  public record Result(
      List<String> added,
      List<String> modified,
      List<String> deleted,
      List<String> failed,
      long filesAdded,
      long filesModified,
      long filesDeleted) {}

  public CheckoutRun(Session session, Options options) {
    this(session, options, Map.of());
  }

  /** {@code partial}: what outputs hold of which nothing is recorded, by their path. */
  public CheckoutRun(Session session, Options options, Map<String, ObjectKey> partial) {
    this.session = session;
    this.options = options;
    this.partial = partial;
  }

  /**
   * Brings what targets mean.
   *
   * @param whole whether these are all of the project: then what was brought before, is as it was
   *     brought, and is tracked no more, is removed
   * @throws CommandFailure if files would be lost
   */
  public Result run(List<Target> targets, boolean whole) throws IOException {
    if (whole) {
      session.index().checkOutputs();
    }
    OutFiles files = session.files();
    Checkout checkout = files.checkout();
    List<CheckoutPlan> plans = new ArrayList<>();
    Map<Wanted, Out> outs = new LinkedHashMap<>();
    for (Target target : targets) {
      for (Out out : StageStatus.outsOf(target)) {
        if (out.cached() && out.place().isInProject()) {
          wanted(target, out).ifPresent(wanted -> outs.put(wanted, out));
        }
      }
    }
    session.checkFree(outs.values());
    for (Wanted wanted : outs.keySet()) {
      plans.add(checkout.plan(wanted, options.relink()));
    }
    List<Path> unsaved = new ArrayList<>();
    plans.forEach(plan -> unsaved.addAll(plan.unsaved()));
    if (!unsaved.isEmpty() && !options.force()) {
      throw new CommandFailure(
          "Can't remove the following unsaved files without confirmation. Use `--force` to force.\n"
              + String.join("\n", unsaved.stream().map(Path::toString).toList()),
          "save them (dvc add, dvc commit), or let them go: --force",
          session.exit());
    }
    if (whole) {
      removeUntracked(files);
    }
    for (CheckoutPlan plan : plans) {
      if (!plan.missing().isEmpty()) {
        failed.add(session.shown(plan.wanted().place()));
        continue;
      }
      checkout.apply(plan);
      Out out = java.util.Objects.requireNonNull(outs.get(plan.wanted()));
      if (plan.wanted().inside().isEmpty()) {
        made.put(out.path(), plan.wanted().key());
      }
      count(plan);
    }
    session.workspace().remembered().put(session.project().root(), made);
    return new Result(
        sorted(added),
        sorted(modified),
        sorted(deleted),
        options.allowMissing() ? List.of() : failed,
        filesAdded,
        filesModified,
        filesDeleted);
  }

  private Optional<Wanted> wanted(Target target, Out out) throws IOException {
    Optional<ObjectKey> key = session.files().key(out);
    if (key.isEmpty()) {
      key = Optional.ofNullable(partial.get(out.path()));
    }
    Path place = session.files().place(out);
    if (key.isEmpty()) {
      session
          .call()
          .warn("WARNING: No file hash info found for '%s'. It won't be created.".formatted(place));
      failed.add(session.shown(place));
      return Optional.empty();
    }
    String inside =
        target
            .path()
            .filter(path -> path.length() > out.path().length())
            .map(path -> path.substring(out.path().length() + 1))
            .orElse("");
    boolean executable = out.recorded().executable() && !key.get().manifest();
    return Optional.of(new Wanted(place, key.get(), inside, executable));
  }

  private void count(CheckoutPlan plan) throws IOException {
    filesAdded += plan.added().size();
    filesModified += plan.modified().size();
    filesDeleted += plan.deleted().size();
    boolean isNew = !plan.existed() && plan.wanted().inside().isEmpty();
    if (plan.changes() || isNew) {
      (isNew || !hadAny(plan) ? added : modified).add(shown(plan.wanted().place()));
    }
  }

  /** A part of a directory may be brought to a directory that was not there. */
  private static boolean hadAny(CheckoutPlan plan) {
    return plan.existed() || !plan.wanted().inside().isEmpty();
  }

  private String shown(Path place) throws IOException {
    String path = session.shown(place);
    boolean directory =
        Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)
            || Passages.onlyShown(place).filter(OnlyShown::directory).isPresent();
    return directory ? path + "/" : path;
  }

  private static List<String> sorted(List<String> paths) {
    List<String> sorted = new ArrayList<>(paths);
    sorted.sort(
        Comparator.comparing((String path) -> !path.endsWith("/"))
            .thenComparing(Comparator.naturalOrder()));
    return sorted;
  }

  private void removeUntracked(OutFiles files) throws IOException {
    Path root = session.project().root();
    Set<String> tracked = new HashSet<>();
    for (Out out : session.index().outs()) {
      tracked.add(out.path());
    }
    for (Map.Entry<String, ObjectKey> entry :
        session.workspace().remembered().all(root).entrySet()) {
      if (tracked.contains(entry.getKey())) {
        continue;
      }
      Path place = root.resolve(entry.getKey());
      ObjectKey key = entry.getValue();
      Optional<Contents> now = files.contents(place, key.digest().algorithm());
      if (now.isPresent() && now.get().key().equals(key) && files.isCached(key)) {
        deleted.add(shown(place));
        filesDeleted += now.get() instanceof Contents.Directory d ? d.entries().size() : 1;
        Checkout.remove(place);
      }
      session.workspace().remembered().remove(root, entry.getKey());
    }
  }
}
