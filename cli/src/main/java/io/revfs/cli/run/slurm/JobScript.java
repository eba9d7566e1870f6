package io.revfs.cli.run.slurm;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.run.Shells;
import io.revfs.cli.run.StageJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The script of a job, and the options it is submitted with. Files beside say which command runs
 * and how the last one ended: Slurm forgets jobs after some minutes.
 *
 * @param base path of those files without their ending
 */
record JobScript(StageJob job, Path base, List<String> shell) {
  /** Returns where standard output goes. */
  Path out() {
    return with(".out");
  }

  /** Returns where standard error goes. */
  Path error() {
    return with(".err");
  }

  /** Returns the file with the number of the command that was begun last, from 0. */
  Path at() {
    return with(".at");
  }

  /** Returns the file with the name of the host, if the launcher is of no use there. */
  Path elsewhere() {
    return with(".elsewhere");
  }

  /** Returns the file with the exit status. */
  Path exit() {
    return with(".exit");
  }

  /** Returns all of them, which need not be there. */
  List<Path> files() {
    return List.of(out(), error(), at(), exit(), elsewhere());
  }

  private Path with(String ending) {
    return base.resolveSibling(base.getFileName() + ending);
  }

  /** Returns the options of {@code sbatch}. */
  List<String> options(List<String> after) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--job-name=" + job.name(),
                "--chdir=" + job.directory(),
                "--output=" + escaped(out()),
                "--error=" + escaped(error()),
                "--no-requeue", // what was lost is a failure, not a run again
                "--export=ALL"));
    experiment(job).ifPresent(id -> options.add("--comment=" + id));
    if (!after.isEmpty()) {
      options.add("--dependency=afterok:" + String.join(":", after));
      options.add("--kill-on-invalid-dep=yes");
    }
    JsonNode resources = job.resources();
    option(options, resources, "cpus", "--cpus-per-task=");
    option(options, resources, "memory", "--mem=");
    option(options, resources, "gpus", "--gres=gpu:");
    option(options, resources, "time", "--time=");
    option(options, resources, "partition", "--partition=");
    return options;
  }

  /** Returns what the jobs of one experiment have in common, whoever submitted them. */
  static Optional<String> experiment(StageJob job) {
    return Optional.ofNullable(job.environment().get("REVFS_EXPERIMENT"))
        .map(id -> "revfs-experiment-" + id);
  }

  private static void option(List<String> options, JsonNode resources, String name, String option) {
    if (resources.hasNonNull(name)) {
      options.add(option + resources.path(name).asText());
    }
  }

  /** Slurm takes {@code %} for a pattern. */
  private static String escaped(Path path) {
    return path.toString().replace("%", "%%");
  }

  /** Returns the script. */
  String text() {
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    job.environment()
        .forEach(
            (name, value) ->
                script
                    .append("export ")
                    .append(name)
                    .append('=')
                    .append(quoted(value))
                    .append('\n'));
    script
        .append("trap 'echo $? > ")
        .append(inQuotes(quoted(exit().toString())))
        .append("' EXIT\n");
    if (job.launcher().isEmpty()) {
      return script.append(steps()).toString();
    }
    script.append("steps=").append(quoted(steps())).append('\n');
    script.append("if ").append(ThisHost.question()).append("; then\n ");
    job.launcher().forEach(word -> script.append(' ').append(quoted(word)));
    script.append(" /bin/sh -c \"$steps\"\n  exit $?\nfi\n");
    script.append("uname -n > ").append(quoted(elsewhere().toString())).append('\n');
    return script.append(job.elsewhere() ? "/bin/sh -c \"$steps\"\n" : "exit 125\n").toString();
  }

  private String steps() {
    StringBuilder script = new StringBuilder();
    int number = 0;
    for (String command : job.commands()) {
      script
          .append("echo ")
          .append(number++)
          .append(" > ")
          .append(quoted(at().toString()))
          .append('\n');
      for (String word : shell) {
        script.append(quoted(word)).append(' ');
      }
      script.append("-c ").append(quoted(command)).append(" || exit $?\n");
    }
    return script.append("exit 0\n").toString();
  }

  private static String quoted(String text) {
    return Shells.quoted(text);
  }

  private static String inQuotes(String quoted) {
    return quoted.replace("'", "'\\''");
  }
}
