package io.revfs.command.experiment.run;

import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentNames;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.Task;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** What new experiments are called. */
final class Naming {
  private Naming() {}

  /**
   * Returns the experiment that a call makes of {@code HEAD}.
   *
   * @param command the one that replaces an experiment with {@code -f}
   * @throws io.revfs.command.CommandFailure if its name is none or taken
   */
  static ExperimentRef of(ExperimentSession session, String command) throws IOException {
    Optional<String> named = session.call().value("name");
    return named.isPresent()
        ? given(session, named.get(), command)
        : new ExperimentRef(session.head(), free(session, Set.of()));
  }

  /** Checks a name that somebody gave. */
  static ExperimentRef given(ExperimentSession session, String name, String command)
      throws IOException {
    Invocation call = session.call();
    ExperimentSession.checkName(name);
    ExperimentRef experiment = new ExperimentRef(session.head(), name);
    if (session.refs().commit(experiment).isPresent() && !call.flag("force")) {
      throw ExperimentSession.exists(name, command);
    }
    return experiment;
  }

  /** Returns a name that no experiment of {@code HEAD} has, nor any of the queue. */
  static String free(ExperimentSession session, Set<String> more) throws IOException {
    Set<String> taken = new HashSet<>(more);
    session.refs().of(session.head()).keySet().forEach(one -> taken.add(one.name()));
    for (Task task : session.tasks().all()) {
      taken.add(task.name());
    }
    return ExperimentNames.next(new Random(), taken::contains);
  }
}
