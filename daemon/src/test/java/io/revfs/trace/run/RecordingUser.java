package io.revfs.trace.run;

import io.revfs.fuse.keeper.DescriptorHolder;
import io.revfs.mount.KeptSessions;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records scripts, as whoever this process is. */
final class RecordingUser {
  private RecordingUser() {}

  /**
   * Arguments: a directory, and by turns the name of a directory in it and the script to run there;
   * each trace is in NAME.json afterwards.
   */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    try (Workspaces workspaces = Workspaces.open(directory.resolve("states"));
        TraceStore store =
            TraceStore.open(directory.resolve("traces"), Duration.ZERO, Long.MAX_VALUE);
        KeptSessions kept =
            KeptSessions.open(directory.resolve("sessions"), DescriptorHolder.NONE, Map.of());
        TracedRuns runs =
            new TracedRuns(
                directory.resolve("runs"),
                new WorkingCopyTrees(workspaces.reader(), top -> Optional.empty(), List::of),
                store,
                kept,
                Clock.systemUTC())) {
      for (int i = 1; i < args.length; i += 2) {
        Trace trace = record(runs, directory.resolve(args[i]), args[i + 1]);
        Files.writeString(directory.resolve(args[i] + ".json"), TraceJson.write(trace).toString());
      }
    }
  }

  private static Trace record(TracedRuns runs, Path root, String script)
      throws IOException, InterruptedException {
    try (TracedRun run =
        runs.begin(new TracedRuns.Wanted(root, "", List.of("bash", "-c", script), ""))) {
      List<String> words = new ArrayList<>(run.launcher());
      words.addAll(List.of("bash", "-c", script));
      int exit = new ProcessBuilder(words).directory(root.toFile()).inheritIO().start().waitFor();
      return run.end(exit, exit == 0 ? "" : "exit " + exit);
    }
  }
}
