package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.Baselines;
import io.revfs.experiment.ExperimentRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code exp list}: names of experiments, here or in another repository. */
final class ExpListCommand implements Command {
  @Override
  public String name() {
    return "exp list";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean shas = call.flag("sha-only");
    Optional<String> remote = call.value("git_remote");
    if (shas && remote.isPresent()) {
      throw new CommandFailure(
          "--sha-only not supported with git_remote.", "leave one out", CommandFailure.OTHER);
    }
    try (ExperimentSession session = ExperimentSession.open(call)) {
      Map<ExperimentRef, String> all =
          remote.isPresent()
              ? RemoteExperiments.list(session.remote(remote.get()))
              : session.refs().all();
      Map<String, List<ExperimentRef>> byBaseline = new LinkedHashMap<>();
      boolean any = call.flag("all-commits");
      Set<String> wanted = any ? Set.of() : session.baselines();
      all.keySet().stream()
          .filter(one -> any || wanted.contains(one.baseline()))
          .forEach(
              one -> byBaseline.computeIfAbsent(one.baseline(), b -> new ArrayList<>()).add(one));
      Baselines.Names names = new Baselines(session.git()).names();
      byBaseline.forEach(
          (baseline, experiments) -> {
            if (!shas && !call.flag("name-only")) {
              call.out(names.of(baseline).orElse(baseline.substring(0, 7)) + ":");
            }
            for (ExperimentRef one : experiments) {
              String commit = java.util.Objects.requireNonNull(all.get(one));
              call.out(line(call, one, commit, remote.isPresent()));
            }
          });
    }
  }

  private static String line(Invocation call, ExperimentRef one, String commit, boolean remote) {
    if (call.flag("name-only")) {
      return one.name();
    }
    if (call.flag("sha-only")) {
      return commit;
    }
    return remote ? "\t" + one.name() : "\t%s [%s]".formatted(commit.substring(0, 7), one.name());
  }
}
