package io.revfs.stage;

import io.revfs.stage.view.FileView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All stages of a project at one time. Immutable. */
public final class StageIndex {
  private final FileView view;
  private final Map<String, StageFile> files;
  private final List<Stage> stages;
  private final Map<StageId, Stage> byId = new HashMap<>();
  private final TreeMap<String, Out> outsByPath = new TreeMap<>();
  private @Nullable StageGraph graph;

  private StageIndex(FileView view, Map<String, StageFile> files) {
    this.view = view;
    this.files = files;
    List<Stage> all = new ArrayList<>();
    files.values().forEach(file -> all.addAll(file.stages()));
    this.stages = List.copyOf(all);
    for (Stage stage : stages) {
      byId.put(stage.id(), stage);
      for (Out out : stage.outs()) {
        outsByPath.putIfAbsent(out.path(), out);
      }
    }
  }

  /** Collects what files say. */
  static final class Builder {
    private final FileView view;
    private final Map<String, StageFile> files = new LinkedHashMap<>();

    Builder(FileView view) {
      this.view = view;
    }

    void add(StageFile file) {
      files.put(file.path(), file);
    }

    /** Returns whether an index of a work tree says just what was collected. */
    boolean isSame(StageIndex index) {
      if (files.size() != index.files.size()) {
        return false;
      }
      Iterator<StageFile> others = index.files.values().iterator();
      for (StageFile file : files.values()) { // of those that did not change it is the same object
        if (!Objects.equals(file, others.next())) {
          return false;
        }
      }
      return true;
    }

    StageIndex build() {
      return new StageIndex(view, files);
    }
  }

  /** Returns the files it was read from. */
  public FileView view() {
    return view;
  }

  /** Returns what each file says, in the order they were found. */
  public Map<String, StageFile> files() {
    return java.util.Collections.unmodifiableMap(files);
  }

  /** Returns all stages, in the order they were found. */
  public List<Stage> stages() {
    return stages;
  }

  /** Returns a stage; empty if there is none. */
  public Optional<Stage> stage(StageId id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Returns the stage that makes an output of this index. */
  public Stage owner(Out out) {
    return java.util.Objects.requireNonNull(byId.get(out.owner()));
  }

  /** Returns all outputs, in the order of their stages. */
  public List<Out> outs() {
    List<Out> outs = new ArrayList<>();
    stages.forEach(stage -> outs.addAll(stage.outs()));
    return outs;
  }

  /** Returns the output at exactly this path, from the root (absolute, if outside). */
  public Optional<Out> outAt(String path) {
    return Optional.ofNullable(outsByPath.get(path));
  }

  /** Returns the output that is at a path or has the path inside it. */
  public Optional<Out> outContaining(String path) {
    String at = path;
    while (true) {
      Out out = outsByPath.get(at);
      int slash = at.lastIndexOf('/');
      if (out != null || slash < 0) {
        return Optional.ofNullable(out);
      }
      at = at.substring(0, slash);
    }
  }

  /** Returns the outputs at a path and below it; all in the project for the root. */
  public List<Out> outsBelow(String path) {
    List<Out> outs = new ArrayList<>();
    if (path.isEmpty()) {
      outsByPath.values().stream().filter(out -> out.place().isInProject()).forEach(outs::add);
      return outs;
    }
    outAt(path).ifPresent(outs::add);
    outs.addAll(outsByPath.subMap(path + "/", path + "0").values()); // '0' follows '/'
    return outs;
  }

  /**
   * Makes sure that no output is another's too, or in another.
   *
   * @throws StageGraphException if one is
   */
  public void checkOutputs() throws StageGraphException {
    var unused = StageGraph.outputs(this);
  }

  /**
   * Returns who needs whom.
   *
   * @throws StageGraphException if outputs overlap or stages need each other
   */
  public synchronized StageGraph graph() throws IOException {
    if (graph == null) {
      graph = StageGraph.of(this);
    }
    return graph;
  }
}
