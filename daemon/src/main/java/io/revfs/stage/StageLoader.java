package io.revfs.stage;

import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.lock.DvcLock;
import io.revfs.dvc.lock.LockedStage;
import io.revfs.dvc.pipeline.ParameterFiles;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.dvc.pipeline.PipelineStage;
import io.revfs.stage.view.FileView;
import io.revfs.stage.view.WorkTreeView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads stages out of the files of a project. Each question reads anew. Not thread-safe. */
public final class StageLoader {
  /** The name of a file of pipeline stages. */
  public static final String PIPELINE_FILE = "dvc.yaml";

  /** The name of the file beside it that remembers their last runs. */
  public static final String LOCK_FILE = "dvc.lock";

  /** The ending of a file of one stage. */
  public static final String SUFFIX = ".dvc";

  private static final KnownStageFiles KNOWN = new KnownStageFiles();

  private final FileView view;
  private final ParsingOptions options;

  /** {@code options} are those of the configuration's section {@code parsing}. */
  public StageLoader(FileView view, ParsingOptions options) {
    this.view = view;
    this.options = options;
  }

  /** Returns the files that are read. */
  public FileView view() {
    return view;
  }

  /** Returns whether a file of this name holds stages. */
  public static boolean isStageFile(String path) {
    String name = RelativePaths.name(path);
    return name.equals(PIPELINE_FILE) || (name.endsWith(SUFFIX) && !name.equals(SUFFIX));
  }

  /**
   * Returns all stages of the project, in the order of a walk of the sorted tree, files of a
   * directory first.
   *
   * @throws DvcFormatException for the first file that cannot be read
   */
  public StageIndex load() throws IOException {
    List<DvcFormatException> problems = new ArrayList<>();
    StageIndex index =
        load(
            e -> {
              if (problems.isEmpty()) {
                problems.add(e);
              }
            });
    if (!problems.isEmpty()) {
      throw problems.getFirst();
    }
    return index;
  }

  /** Returns the stages of all files that can be read, and tells what is wrong with the others. */
  public StageIndex load(Consumer<DvcFormatException> problems) throws IOException {
    StageIndex.Builder index = new StageIndex.Builder(view);
    ProjectWalk walk = new ProjectWalk(view);
    walk.run(
        file -> {
          try {
            StageFile read = file(file);
            index.add(read);
            return read.stages().stream().flatMap(stage -> stage.outs().stream()).toList();
          } catch (DvcFormatException e) {
            problems.accept(e);
            return List.of();
          }
        });
    return view instanceof WorkTreeView ? KNOWN.index(view.root(), index) : index.build();
  }

  /**
   * Returns what one file says.
   *
   * @throws DvcFormatException if it is not there or cannot be read
   */
  public StageFile file(String path) throws IOException {
    Optional<byte[]> content = view.read(path);
    if (content.isEmpty()) {
      throw new DvcFormatException(path, 0, "does not exist");
    }
    return path.endsWith(SUFFIX)
        ? new DvcFileReader(view.root()).read(path, content.get())
        : pipelineFile(path, content.get());
  }

  /** Returns a {@code dvc.yaml}, nothing of it resolved yet. */
  public Optional<PipelineFile> pipeline(String path) throws IOException {
    Optional<byte[]> content = view.read(path);
    return content.isEmpty()
        ? Optional.empty()
        : Optional.of(PipelineFile.parse(path, content.get(), view::read, options));
  }

  private StageFile pipelineFile(String path, byte[] content) throws IOException {
    if (!view.isWorkTree()) {
      return pipelineFile(path, content, view::read);
    }
    KnownStageFiles.Key key = new KnownStageFiles.Key(view.root(), path, options);
    Optional<StageFile> known = KNOWN.find(key, view);
    if (known.isPresent()) {
      return known.get();
    }
    Map<String, Optional<byte[]>> read = new LinkedHashMap<>();
    read.put(path, Optional.of(content));
    StageFile file =
        pipelineFile(
            path,
            content,
            one -> {
              Optional<byte[]> bytes = view.read(one);
              read.put(one, bytes);
              return bytes;
            });
    KNOWN.put(key, read, file);
    return file;
  }

  private StageFile pipelineFile(String path, byte[] content, ParameterFiles files)
      throws IOException {
    PipelineFile file = PipelineFile.parse(path, content, files, options);
    file.check();
    Map<String, LockedStage> locked = lock(path, files).stages();
    List<Stage> stages = new ArrayList<>();
    for (PipelineStage stage : file.stages().values()) {
      stages.add(stage(path, stage, Optional.ofNullable(locked.get(stage.name()))));
    }
    Map<String, @Nullable Object> artifacts = file.artifacts();
    return new StageFile(
        path,
        stages,
        file.topLevel("metrics"),
        file.topLevel("params"),
        file.plots(),
        artifacts,
        file.datasets());
  }

  /** Returns the lock file beside a {@code dvc.yaml}; an empty one if there is none. */
  public DvcLock lock(String pipelineFile) throws IOException {
    return lock(pipelineFile, view::read);
  }

  private static DvcLock lock(String pipelineFile, ParameterFiles files) throws IOException {
    String path = RelativePaths.join(RelativePaths.parent(pipelineFile), LOCK_FILE);
    Optional<byte[]> content = files.read(path);
    return content.isEmpty()
        ? new DvcLock(new LinkedHashMap<>())
        : DvcLock.parse(path, content.get());
  }

  /** Makes a stage of what dvc.yaml and dvc.lock say. */
  public Stage stage(String path, PipelineStage stage, Optional<LockedStage> locked) {
    return new LockMerge(view.root(), path, stage, locked).stage();
  }
}
