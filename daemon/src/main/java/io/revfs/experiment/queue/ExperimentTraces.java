package io.revfs.experiment.queue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.experiment.ExperimentRef;
import io.revfs.project.FileTrees;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the stages of experiments did, kept with the project until the experiment or its task is
 * removed: a file for each run below {@code .dvc/tmp/exps/traces}. Thread-safe.
 */
public final class ExperimentTraces {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUFFIX = ".json";
  private static final int UMASK = 022;

  private final Path directory;

  public ExperimentTraces(Project project) throws IOException {
    this.directory = project.tmp().resolve("exps/traces");
  }

  private Path place(ExperimentRef experiment) {
    return directory.resolve(experiment.baseline()).resolve(experiment.name());
  }

  /** Keeps these as an experiment's, instead of what was kept before. */
  public void keep(ExperimentRef experiment, List<Trace> traces) throws IOException {
    forget(experiment);
    if (traces.isEmpty()) {
      return;
    }
    Path place = Files.createDirectories(place(experiment));
    for (Trace trace : traces) {
      AtomicFile.replace(
          place.resolve(trace.id() + SUFFIX),
          JSON.writeValueAsBytes(TraceJson.write(trace)),
          UMASK);
    }
  }

  /** Lets those of an experiment go. */
  public void forget(ExperimentRef experiment) throws IOException {
    FileTrees.remove(place(experiment));
  }

  /** Lets those of an experiment be another's. */
  public void rename(ExperimentRef from, ExperimentRef to) throws IOException {
    if (Files.isDirectory(place(from))) {
      forget(to);
      Files.createDirectories(place(to).resolveSibling(""));
      Files.move(place(from), place(to));
    }
  }

  /**
   * Returns what the stages of the experiment of a name did, in their order; of several experiments
   * of that name, the one that ran last.
   */
  public List<Trace> of(String name) throws IOException {
    List<Path> places = new ArrayList<>();
    if (name.isEmpty() || name.indexOf('/') >= 0 || !Files.isDirectory(directory)) {
      return List.of();
    }
    try (DirectoryStream<Path> baselines = Files.newDirectoryStream(directory)) {
      for (Path baseline : baselines) {
        if (Files.isDirectory(baseline.resolve(name))) {
          places.add(baseline.resolve(name));
        }
      }
    }
    if (places.isEmpty()) {
      return List.of();
    }
    places.sort(Comparator.comparing(ExperimentTraces::time));
    List<Trace> traces = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(places.getLast(), "*" + SUFFIX)) {
      for (Path file : files) {
        traces.add(TraceJson.read(JSON.readTree(Files.readAllBytes(file))));
      }
    }
    traces.sort(Comparator.comparing(Trace::id)); // ids begin with the time
    return traces;
  }

  private static FileTime time(Path place) {
    try {
      return Files.getLastModifiedTime(place);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
