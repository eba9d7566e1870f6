package io.revfs.command.repro;

import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Hands out the stages of an order, each when all that it waits for are done, the first in order
 * first. For one thread.
 */
final class StageQueue {
  private final ReproOrder order;
  private final Map<StageId, Integer> places = new HashMap<>();
  private final Map<StageId, Integer> missing = new HashMap<>();
  private final TreeMap<Integer, Stage> ready = new TreeMap<>();
  private final Set<StageId> dropped = new HashSet<>();

  StageQueue(ReproOrder order) {
    this.order = order;
    List<Stage> stages = order.stages();
    for (int i = 0; i < stages.size(); i++) {
      places.put(stages.get(i).id(), i);
    }
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      int waits = 0;
      for (Stage needed : order.upstream(stage)) {
        waits += places.getOrDefault(needed.id(), i) < i ? 1 : 0; // -s takes any order
      }
      if (waits == 0) {
        ready.put(place(stage), stage);
      } else {
        missing.put(stage.id(), waits);
      }
    }
  }

  private int place(Stage stage) {
    return places.getOrDefault(stage.id(), 0);
  }

  /** Takes the first stage that may begin and that passes. */
  Optional<Stage> take(Predicate<Stage> passes) {
    for (Iterator<Stage> it = ready.values().iterator(); it.hasNext(); ) {
      Stage stage = it.next();
      if (passes.test(stage)) {
        it.remove();
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }

  /**
   * Takes the first stage that passes, of which all that it waits for are running or done: one that
   * can be handed over before they have ended.
   */
  Optional<Stage> takeEarly(Set<StageId> running, Predicate<Stage> passes) {
    for (Stage stage : order.stages()) {
      Integer left = missing.get(stage.id());
      if (left == null || dropped.contains(stage.id())) {
        continue;
      }
      long runs = order.upstream(stage).stream().filter(one -> running.contains(one.id())).count();
      if (runs == left && passes.test(stage)) {
        missing.remove(stage.id());
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }

  /** Says that a stage is done, whether it ran or not: others may begin now. */
  void done(Stage stage) {
    for (StageId next : order.downstream(stage)) {
      Integer left = missing.get(next);
      if (left == null || places.getOrDefault(next, 0) < place(stage)) {
        continue;
      }
      if (left > 1) {
        missing.put(next, left - 1);
        continue;
      }
      missing.remove(next);
      int place = places.getOrDefault(next, 0);
      if (!dropped.contains(next)) {
        ready.put(place, order.stages().get(place));
      }
    }
  }

  /** Takes stages out: what they need failed. */
  void drop(Set<StageId> stages) {
    dropped.addAll(stages);
    ready.values().removeIf(stage -> stages.contains(stage.id()));
  }
}
