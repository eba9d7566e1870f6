package io.revfs.command.repro;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A random walk: code, data and parameters are edited, outputs lost and spoilt, branches switched,
 * and the pipeline reproduced. After each step all outputs are what a build from nothing would make
 * (by a model, and at the end by such a build), and exactly those stages ran that had not run with
 * the same inputs before. {@code -Drevfs.seed} repeats a walk, {@code -Drevfs.steps} sets its
 * length.
 */
class ReproWalkTest {
  private static final int STEPS = Integer.getInteger("revfs.steps", 40);
  private static final int STAGES = 7;
  private static final int INPUTS = 3;

  /** A stage that runs each time. */
  private static final int ALWAYS = 5;

  private static final List<String> PARAMS = List.of("a", "b.c", "b.d", "unused");

  @TempDir Path directory;
  private final long seed = Long.getLong("revfs.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<String> done = new ArrayList<>();

  private Project now = new Project(random);
  private final Map<String, Project> branches = new HashMap<>();
  private String branch = "main";

  /** Runs that the cache knows: name, code, parameters and what was read. */
  private final Set<String> known = new HashSet<>();

  /** A stage as it is written. */
  private record Step(int version, List<String> deps, List<String> params, boolean always) {}

  /** What Git has of a project. */
  private static final class Project {
    final Map<String, Integer> inputs = new TreeMap<>();
    final Map<String, Integer> values = new TreeMap<>();
    final List<Step> steps = new ArrayList<>();

    Project(Random random) {
      for (int i = 0; i < INPUTS; i++) {
        inputs.put("in" + i, 0);
      }
      PARAMS.forEach(name -> values.put(name, 0));
      for (int i = 0; i < STAGES; i++) {
        steps.add(step(i, random));
      }
    }

    Project(Project other) {
      inputs.putAll(other.inputs);
      values.putAll(other.values);
      steps.addAll(other.steps);
    }

    static Step step(int number, Random random) {
      List<String> sources = new ArrayList<>();
      for (int i = 0; i < INPUTS; i++) {
        sources.add("in" + i);
      }
      for (int i = 0; i < number; i++) {
        sources.add("out" + i);
      }
      Collections.shuffle(sources, random);
      List<String> params = new ArrayList<>(PARAMS.subList(0, 3));
      Collections.shuffle(params, random);
      return new Step(
          random.nextInt(3),
          sources.subList(0, 1 + random.nextInt(Math.min(3, sources.size()))).stream()
              .sorted()
              .toList(),
          params.subList(0, random.nextInt(3)).stream().sorted().toList(),
          number == ALWAYS);
    }

    String read(String source) {
      return source.startsWith("in")
          ? source + " " + inputs.get(source) + "\n"
          : output(Integer.parseInt(source.substring(3)));
    }

    /** Returns what a stage makes: what it is, then what it reads. */
    String output(int number) {
      Step step = steps.get(number);
      StringBuilder text = new StringBuilder("s" + number + " v" + step.version());
      step.params().forEach(name -> text.append(' ').append(values.get(name)));
      text.append('\n');
      step.deps().forEach(dep -> text.append(read(dep)));
      return text.toString();
    }

    String yaml(Path log) {
      StringBuilder yaml = new StringBuilder("stages:\n");
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        StringBuilder echo = new StringBuilder("s" + i + " v" + step.version());
        step.params().forEach(name -> echo.append(" ${").append(name).append('}'));
        yaml.append(
            "  s%d:\n    cmd: echo s%d >> %s; { echo %s; cat %s; } > out%d\n"
                .formatted(i, i, log, echo, String.join(" ", step.deps()), i));
        yaml.append("    deps: [%s]\n".formatted(String.join(", ", step.deps())));
        if (!step.params().isEmpty()) {
          yaml.append("    params: [%s]\n".formatted(String.join(", ", step.params())));
        }
        yaml.append("    outs: [out%d]\n".formatted(i));
        if (step.always()) {
          yaml.append("    always_changed: true\n");
        }
      }
      return yaml.toString();
    }
  }

  private void write(DvcProject project, Path log) throws IOException {
    for (Map.Entry<String, Integer> input : now.inputs.entrySet()) {
      project.write(input.getKey(), input.getKey() + " " + input.getValue() + "\n");
    }
    project.write(
        "params.yaml",
        "a: %d\nb:\n  c: %d\n  d: %d\nunused: %d\n"
            .formatted(
                now.values.get("a"),
                now.values.get("b.c"),
                now.values.get("b.d"),
                now.values.get("unused")));
    project.write("dvc.yaml", now.yaml(log));
  }

  @Test
  void walk() throws IOException {
    Path log = directory.resolve("log");
    try (DvcProject project = DvcProject.make(directory)) {
      write(project, log);
      project.sh("git add -A && git commit -qm start");
      branches.put("main", new Project(now));
      for (int step = 0; step < STEPS; step++) {
        act(project, log);
        reproduce(project, log);
      }
      Path other = Files.createDirectories(directory.resolve("fresh"));
      try (DvcProject fresh = DvcProject.make(other)) {
        write(fresh, log);
        fresh.ok("repro");
        check(fresh);
      }
    }
  }

  private String said() {
    return "-Drevfs.seed=" + seed + ": " + done;
  }

  private void act(DvcProject project, Path log) throws IOException {
    int number = random.nextInt(STAGES);
    switch (random.nextInt(9)) {
      case 0 -> {
        String name = "in" + random.nextInt(INPUTS);
        now.inputs.put(name, random.nextInt(4));
        done.add(name);
      }
      case 1, 2 -> {
        String name = PARAMS.get(random.nextInt(PARAMS.size()));
        now.values.put(name, random.nextInt(3));
        done.add(name);
      }
      case 3 -> {
        now.steps.set(number, Project.step(number, random));
        done.add("code " + number);
      }
      case 4 -> {
        project.sh("rm -f out" + number);
        done.add("lose " + number);
      }
      case 5 -> {
        project.sh("echo spoilt > out" + number);
        done.add("spoil " + number);
      }
      case 6 -> {
        project.sh("rm -f dvc.lock");
        done.add("no lock");
      }
      case 7 -> {
        project.sh("git add -A && git commit -qm work --allow-empty");
        branches.put(branch, new Project(now));
        branch = "b" + branches.size();
        project.sh("git checkout -q -b " + branch);
        branches.put(branch, new Project(now));
        done.add("branch " + branch);
      }
      default -> {
        project.sh("git add -A && git commit -qm work --allow-empty");
        branches.put(branch, new Project(now));
        List<String> names = new ArrayList<>(branches.keySet());
        branch = names.get(random.nextInt(names.size()));
        project.sh("git checkout -q " + branch);
        now = new Project(branches.getOrDefault(branch, now));
        done.add("switch " + branch);
        if (random.nextBoolean()) {
          RecordedCall call = project.run("checkout", "force", true, "allow-missing", true);
          assertEquals("0 ", call.exit() + " " + call.failure(), said());
        }
      }
    }
    write(project, log);
  }

  private void reproduce(DvcProject project, Path log) throws IOException {
    Files.deleteIfExists(log);
    int jobs = 1 + random.nextInt(3);
    RecordedCall call = project.run("repro", "jobs", jobs);
    assertEquals("0 ", call.exit() + " " + call.failure(), said());
    check(project);
    List<String> ran = new ArrayList<>();
    if (Files.exists(log)) {
      ran.addAll(Files.readAllLines(log));
    }
    Collections.sort(ran);
    assertEquals(mustRun(), ran, said());
    RecordedCall again = project.run("repro", "dry", true);
    List<String> lines = again.out().lines().filter(line -> line.startsWith("Running")).toList();
    assertEquals(List.of("Running stage 's" + ALWAYS + "':"), lines, said());
  }

  private void check(DvcProject project) throws IOException {
    for (int i = 0; i < STAGES; i++) {
      assertEquals(now.output(i), project.read("out" + i), said());
    }
  }

  /** Returns the stages that had not run with these inputs, and those that always run. */
  private List<String> mustRun() {
    List<String> must = new ArrayList<>();
    for (int i = 0; i < STAGES; i++) {
      Step step = now.steps.get(i);
      boolean fresh = known.add(i + " " + step + " " + now.output(i));
      if (fresh || step.always()) {
        must.add("s" + i);
      }
    }
    return must;
  }
}
