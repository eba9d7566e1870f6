package io.revfs.fuse.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs all {@link Case}s in directories, as root, in a process of its own: a mount is never used by
 * the process that serves it, and calls are made as other users.
 */
public final class Conformance {
  private static final long LIMIT_SECONDS = 300;
  private static final char PART = '\t';

  private Conformance() {}

  /** What the steps of the cases gave, by area and name, in one directory. */
  public record Results(Map<String, List<String>> byCase) {
    /** Returns what the steps of a case gave. */
    public List<String> of(Case one) {
      return byCase.getOrDefault(key(one), List.of("did not run"));
    }

    /** Returns one line for each step that gave what the table does not expect. */
    public List<String> unexpected(Case one) {
      List<String> lines = new ArrayList<>();
      List<String> given = of(one);
      for (int i = 0; i < one.steps().size(); i++) {
        Case.Step step = one.steps().get(i);
        String result = i < given.size() ? given.get(i) : "did not run";
        if (!step.expected().contains(result)) {
          lines.add(step + " gave " + result + ", not " + String.join("|", step.expected()));
        }
      }
      return lines;
    }
  }

  private static String key(Case one) {
    return one.area() + "." + one.name();
  }

  /** Runs all cases in one directory after the other; {@code notes} is a file for what they say. */
  public static List<Results> run(Path notes, Path... directories) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Conformance.class.getName());
    Arrays.stream(directories).map(Path::toString).forEach(command::add);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(notes.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("the cases do not end well: " + Files.readString(notes));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return parse(Files.readAllLines(notes), directories);
  }

  private static List<Results> parse(List<String> lines, Path... directories) {
    List<Results> all = new ArrayList<>();
    for (Path directory : directories) {
      Map<String, List<String>> byCase = new LinkedHashMap<>();
      for (String line : lines) {
        String[] parts = line.split(String.valueOf(PART), -1);
        if (parts.length > 1 && parts[0].equals(directory.toString())) {
          byCase.put(parts[1], List.of(parts).subList(2, parts.length));
        }
      }
      all.add(new Results(byCase));
    }
    return all;
  }

  /** Arguments: the directories. */
  public static void main(String[] directories) {
    StringBuilder said = new StringBuilder();
    try (SystemCalls calls = new SystemCalls()) {
      for (String directory : directories) {
        CaseRunner runner = new CaseRunner(calls, directory);
        for (Case one : Case.all()) {
          said.append(directory).append(PART).append(key(one));
          runner.run(one).forEach(result -> said.append(PART).append(result));
          said.append('\n');
        }
      }
    }
    System.out.print(said);
  }
}
