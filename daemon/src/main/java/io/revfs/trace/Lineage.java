package io.revfs.trace;

import io.revfs.object.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Follows files of one working copy from run to run; what belongs to the system is no source. For
 * one thread: keeps what it read of the store.
 */
public final class Lineage {
  /** After the names of all runs. */
  private static final String NOW = "~";

  private final TraceStore store;
  private final String root;
  private final Map<String, Optional<Trace>> read = new HashMap<>();

  public Lineage(TraceStore store, String root) {
    this.store = store;
    this.root = root;
  }

  /**
   * A file and where it comes from.
   *
   * @param digest what it held; empty if that is not known
   * @param run what wrote it; empty if no run that is known did: it is a source
   * @param exact whether the run left just these bytes; else it is the last one that wrote the file
   * @param from what the run read; empty if it was told of before in the same answer
   */
  public record Origin(
      String path,
      Optional<Digest> digest,
      Optional<TraceSummary> run,
      boolean exact,
      List<Origin> from) {
    public Origin {
      from = List.copyOf(from);
    }
  }

  /**
   * A run that used a file.
   *
   * @param made what it left, and what that was used for; empty if it was told of before
   */
  public record Usage(TraceSummary run, List<Made> made) {
    public Usage {
      made = List.copyOf(made);
    }
  }

  /** A file that a run left. */
  public record Made(String path, Optional<Digest> digest, List<Usage> usedBy) {
    public Made {
      usedBy = List.copyOf(usedBy);
    }
  }

  private Optional<Trace> trace(String id) throws IOException {
    Optional<Trace> known = read.get(id);
    if (known == null) {
      known = store.get(id);
      read.put(id, known);
    }
    return known;
  }

  /**
   * Returns where a file comes from, back to what no run wrote.
   *
   * @param now what it holds; empty if there is no such file
   */
  public Origin why(String path, Optional<Digest> now) throws IOException {
    return origin(path, now, NOW, new HashSet<>());
  }

  /**
   * @param until the run that read it; later ones did not make what it read
   */
  private Origin origin(String path, Optional<Digest> digest, String until, Set<String> told)
      throws IOException {
    Optional<TraceStore.Use> last = Optional.empty();
    boolean exact = false;
    for (TraceStore.Use use : store.uses(root, path)) {
      if (!use.left() || use.run().compareTo(until) >= 0) {
        continue;
      }
      boolean same = digest.isPresent() && digest.equals(use.after());
      if (same || !exact) {
        last = Optional.of(use);
        exact = same;
      }
    }
    if (!exact && !until.equals(NOW) && digest.isPresent()) {
      last = Optional.empty(); // others made what was read
    }
    Optional<Trace> trace = last.isEmpty() ? Optional.empty() : trace(last.get().run());
    if (trace.isEmpty()) {
      return new Origin(path, digest, Optional.empty(), false, List.of());
    }
    List<Origin> from = new ArrayList<>();
    if (told.add(trace.get().id())) {
      for (TracedPath input : trace.get().paths()) {
        if (input.isInput()) {
          from.add(origin(input.path(), input.before(), trace.get().id(), told));
        }
      }
      for (TracedPath input : trace.get().outside()) {
        if (input.isInput() && !OfTheSystem.is(input.path())) {
          from.add(new Origin(input.path(), input.before(), Optional.empty(), false, List.of()));
        }
      }
    }
    return new Origin(path, digest, Optional.of(trace.get().summary()), exact, from);
  }

  /**
   * Returns the runs that read a file, and what became of what they made.
   *
   * @param digest what it held then; empty: whatever it held
   */
  public List<Usage> uses(String path, Optional<Digest> digest) throws IOException {
    return usages(path, digest, "", new HashSet<>());
  }

  private List<Usage> usages(String path, Optional<Digest> digest, String since, Set<String> told)
      throws IOException {
    List<Usage> found = new ArrayList<>();
    for (TraceStore.Use use : store.uses(root, path)) {
      boolean other =
          digest.isPresent() && use.before().isPresent() && !digest.equals(use.before());
      if (!use.read() || other || use.run().compareTo(since) <= 0) {
        continue;
      }
      Optional<Trace> trace = trace(use.run());
      if (trace.isEmpty()) {
        continue;
      }
      List<Made> made = new ArrayList<>();
      if (told.add(use.run())) {
        for (TracedPath output : trace.get().paths()) {
          if (output.isOutput()) {
            made.add(
                new Made(
                    output.path(),
                    output.after(),
                    usages(output.path(), output.after(), use.run(), told)));
          }
        }
      }
      found.add(new Usage(trace.get().summary(), made));
    }
    return found;
  }
}
