package io.revfs.stage;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.Output;
import io.revfs.object.ObjectKey;
import java.util.Optional;

/**
 * A file or directory that a stage depends on.
 *
 * @param recorded what {@code dvc.lock} remembers of it; empty if the stage never ran
 * @param source what a {@code .dvc} file says it was imported from; empty for stages of dvc.yaml
 */
public record Dep(
    StageId owner, Place place, Optional<Output> recorded, Optional<Dependency> source) {
  /** Returns the object, or manifest, that was there when the stage last ran. */
  public Optional<ObjectKey> key() {
    return recorded.isPresent() ? recorded.flatMap(Output::key) : source.flatMap(Dependency::key);
  }

  /** Returns its path from the project's root; absolute, or a URL, if it is not in there. */
  public String path() {
    return place.path();
  }

  /** Returns whether it is of another repository. */
  public boolean isFromRepository() {
    return source.flatMap(Dependency::repository).isPresent();
  }
}
