package io.revfs.command.repro;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.dvc.lock.LockFileWriter;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.ShownOutputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@code dvc.lock} with one run in it, and what an attached working copy would show of it. What
 * that is, is asked for once, and only if the cache lacks something. For one thread.
 */
final class LazyLock {
  private final Session session;
  private final Path file;
  private final byte[] content;
  private final ShownOutputs outputs;
  private @Nullable Map<Path, ObjectKey> obtainable;

  LazyLock(Session session, Stage stage, LockEntry run) throws IOException {
    this.session = session;
    this.file = session.project().root().resolve(stage.lockFile());
    this.outputs = session.files().shownOutputs();
    LockFileWriter lock = LockFileWriter.of(stage.lockFile(), Optional.empty());
    lock.put(stage.id().name(), run);
    this.content = lock.toBytes();
  }

  /**
   * Returns whether an output is shown when {@code dvc.lock} names it, so that it need not be
   * brought.
   *
   * @param cached whether the project's cache has all of it, from where it is shown too
   */
  boolean isShownLater(Out out, ObjectKey key, boolean cached) throws IOException {
    Path place = session.files().place(out);
    if (!outputs.isAttached(place)) {
      return false;
    }
    return cached || key.equals(obtainable().get(place));
  }

  private Map<Path, ObjectKey> obtainable() throws IOException {
    if (obtainable == null) {
      obtainable = outputs.obtainable(file, content);
    }
    return obtainable;
  }

  /** Brings a small file to the project's cache; returns false if it cannot be had. */
  boolean fetch(ObjectKey key) throws IOException {
    if (key.manifest() || !outputs.isAttached(file)) {
      return false;
    }
    Optional<byte[]> bytes = outputs.small(file, content, key);
    if (bytes.isPresent()) {
      session.workspace().store().put(key, bytes.get());
    }
    return bytes.isPresent();
  }
}
