package io.revfs.mount;

import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Those who hear what is done in an attached working copy by way of its mount. Thread-safe. */
public final class CopyListeners implements AccessListener {
  private final List<AccessListener> all = new CopyOnWriteArrayList<>();

  CopyListeners() {}

  /** Lets one hear from now on. */
  public void add(AccessListener listener) {
    all.add(listener);
  }

  /** Lets one hear no more. */
  public void remove(AccessListener listener) {
    all.remove(listener);
  }

  @Override
  public boolean isListening() {
    return !all.isEmpty();
  }

  @Override
  public void accessed(int pid, Access access, String path, @Nullable String other) {
    for (AccessListener each : all) {
      each.accessed(pid, access, path, other);
    }
  }

  @Override
  public void changing(RequestContext context, Access access, String path)
      throws SlowAnswerException {
    for (AccessListener each : all) {
      each.changing(context, access, path);
    }
  }
}
