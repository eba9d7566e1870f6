package io.revfs.plot;

import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.plot.PlotDefinitions.Definition;
import io.revfs.stage.Out;
import io.revfs.stage.target.ProjectStages;
import io.revfs.transfer.Lanes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads plots of revisions; nothing is checked out. Thread-safe. */
public final class PlotReader {
  /** Files of remotes come one by one, each after a wait. */
  private static final int READ_AT_ONCE = 16;

  private final Revisions revisions;
  private final PlotMemory memory;

  /**
   * @param revisions opens projects at revisions
   * @param memory what all readers together may use
   */
  public PlotReader(Revisions revisions, PlotMemory memory) {
    this.revisions = revisions;
    this.memory = memory;
  }

  /** Is told how many of the files were read. */
  @FunctionalInterface
  public interface Progress {
    void read(long files, long of);
  }

  /** Does something with plots; they are not to be kept. */
  @FunctionalInterface
  public interface Use {
    void accept(PlotSet plots) throws IOException;
  }

  /** One revision: what it defines, and what its files say. */
  private record Content(
      String label,
      Revision revision,
      Map<String, Definition> definitions,
      Map<String, PlotSource> sources,
      List<PlotProblem> problems) {}

  /** A file of a revision that is to be read. */
  private record Wanted(Content content, PlotFiles.Source source) {}

  /**
   * Reads plots and lets them be used.
   *
   * @param labels the revisions; {@code workspace} for the work tree, which comes first
   * @throws io.revfs.repository.UnknownRevisionException naming near matches
   */
  public void read(
      ProjectStages project, List<String> labels, PlotQuery query, Progress progress, Use use)
      throws IOException {
    Set<String> ordered = new LinkedHashSet<>();
    if (labels.contains(Revision.WORKSPACE)) {
      ordered.add(Revision.WORKSPACE);
    }
    ordered.addAll(labels);
    List<Content> contents = new ArrayList<>();
    for (String label : ordered) {
      contents.add(open(project, label, query));
    }
    PlotFiles files = new PlotFiles(memory.most());
    List<Wanted> wanted = new ArrayList<>();
    for (Content content : contents) {
      Set<String> names = new LinkedHashSet<>();
      content.definitions().values().forEach(one -> names.addAll(one.sources()));
      for (String name : names) {
        PlotFiles.Source source =
            new PlotFiles.Source(content.revision().files(), name, query.fromRoot(name));
        files.plan(source);
        wanted.add(new Wanted(content, source));
      }
    }
    try (PlotMemory.Share share = memory.take(files.planned())) {
      AtomicInteger done = new AtomicInteger();
      Lanes.run(
          wanted,
          READ_AT_ONCE,
          one -> {
            boolean header = header(one.content().revision(), one.source().path(), query);
            one.content().sources().put(one.source().name(), files.read(one.source(), header));
            progress.read(done.incrementAndGet(), wanted.size());
          });
      use.accept(plots(contents));
    }
  }

  private Content open(ProjectStages project, String label, PlotQuery query) throws IOException {
    List<DvcFormatException> problems = new ArrayList<>();
    Revision revision = revisions.at(project, label, problems::add);
    return new Content(
        label,
        revision,
        PlotDefinitions.read(revision, query),
        new ConcurrentHashMap<>(),
        problems.stream().map(e -> PlotProblem.of(label, "", e)).toList());
  }

  /** Whether a table has a header says the caller, or the output that the table is. */
  private static boolean header(Revision revision, String path, PlotQuery query) {
    Object asked = query.properties().get("header");
    Optional<Out> out = revision.stages().outAt(path).filter(Out::isPlot);
    Object said = asked != null ? asked : out.map(o -> o.plot().get("header")).orElse(null);
    return !Boolean.FALSE.equals(said);
  }

  private static PlotSet plots(List<Content> contents) {
    Set<String> ids = new LinkedHashSet<>();
    contents.forEach(content -> ids.addAll(content.definitions().keySet()));
    List<Plot> plots = new ArrayList<>();
    for (String id : ids) {
      plots.add(plot(id, contents));
    }
    List<PlotProblem> problems = new ArrayList<>();
    contents.forEach(content -> problems.addAll(content.problems()));
    Set<String> incomplete = new LinkedHashSet<>();
    for (Content content : contents) {
      boolean failed =
          content.sources().values().stream().anyMatch(PlotSource.Failed.class::isInstance);
      if (failed || !content.problems().isEmpty()) {
        incomplete.add(content.label());
      }
    }
    return new PlotSet(plots, problems, List.copyOf(incomplete));
  }

  private static Plot plot(String id, List<Content> contents) {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    for (Content content : contents.reversed()) { // the first revision has the last word
      Definition definition = content.definitions().get(id);
      if (definition != null) {
        properties.putAll(definition.properties());
      }
    }
    boolean picture =
        contents.stream()
            .map(content -> content.definitions().get(id))
            .anyMatch(definition -> definition != null && PlotFiles.isPicture(definition.name()));
    return picture ? pictures(id, contents) : chart(id, properties, contents);
  }

  private static Plot pictures(String id, List<Content> contents) {
    List<Plot.Picture> pictures = new ArrayList<>();
    List<PlotProblem> problems = new ArrayList<>();
    String name = id;
    for (Content content : contents) {
      Definition definition = content.definitions().get(id);
      if (definition == null) {
        continue;
      }
      name = definition.name();
      for (String source : definition.sources()) {
        switch (content.sources().get(source)) {
          case PlotSource.Picture picture ->
              pictures.add(new Plot.Picture(content.label(), source, picture.bytes()));
          case PlotSource.Failed failed ->
              problems.add(PlotProblem.of(content.label(), source, failed.reason()));
          case null, default -> {}
        }
      }
    }
    return new Plot.Pictures(name, pictures, problems);
  }

  private static Plot chart(
      String id, Map<String, @Nullable Object> properties, List<Content> contents) {
    List<Map<String, @Nullable Object>> points = new ArrayList<>();
    List<String> revisions = new ArrayList<>();
    List<PlotProblem> problems = new ArrayList<>();
    Optional<ChartSettings> settings = Optional.empty();
    for (Content content : contents) {
      Definition definition = content.definitions().get(id);
      if (definition == null) {
        continue;
      }
      Map<String, Object> values = new LinkedHashMap<>();
      for (String source : definition.sources()) {
        switch (content.sources().get(source)) {
          case PlotSource.Values said -> values.put(source, said.content());
          case PlotSource.Failed failed ->
              problems.add(PlotProblem.of(content.label(), source, failed.reason()));
          case null, default -> {}
        }
      }
      try {
        ChartPoints.Result result =
            ChartPoints.of(definition.name(), properties, values, content.label(), id);
        points.addAll(result.points());
        if (!result.points().isEmpty()) {
          revisions.add(content.label());
        }
        settings = settings.or(result::settings);
      } catch (PlotException e) {
        problems.add(PlotProblem.of(content.label(), "", e));
      }
    }
    return new Plot.Chart(id, settings.orElseGet(() -> none(id)), points, revisions, problems);
  }

  /** Settings of a chart without points, which nobody draws. */
  private static ChartSettings none(String id) {
    return new ChartSettings(Optional.empty(), id, "", "", "", "", List.of());
  }
}
