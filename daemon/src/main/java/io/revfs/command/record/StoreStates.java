package io.revfs.command.record;

import io.revfs.command.tracking.Session;
import io.revfs.stage.Dep;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what dependencies are that are no files of this machine. */
@FunctionalInterface
public interface StoreStates {
  /**
   * Returns the fields by which {@code dvc.lock} tells the dependency again: {@code etag}, {@code
   * size}, ….
   *
   * @throws IOException if it is not there or cannot be reached
   */
  Map<String, @Nullable Object> of(Session session, Stage stage, Dep dep) throws IOException;
}
