package io.revfs.trace.run;

import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import org.jspecify.annotations.Nullable;

/** Of what everybody does in a session, hears what one run does. */
final class OfOneRun implements AccessListener {
  private final AccessListener listener;
  private final Descendants run;

  OfOneRun(AccessListener listener, Descendants run) {
    this.listener = listener;
    this.run = run;
  }

  @Override
  public void accessed(int pid, Access access, String path, @Nullable String other) {
    if (pid != 0 && run.has(pid)) {
      listener.accessed(pid, access, path, other);
    }
  }

  /** Whoever it is: what the run has read is about to be other bytes. */
  @Override
  public void changing(RequestContext context, Access access, String path)
      throws SlowAnswerException {
    listener.changing(context, access, path);
  }
}
