package io.revfs.mount;

import io.revfs.fuse.FuseSession;
import io.revfs.repository.DataRepository;
import io.revfs.workingcopy.WorkingCopy;
import java.io.Closeable;
import java.util.Map;

/**
 * What there is of a working copy that is attached.
 *
 * @param keptAs the name of its session with {@link KeptSessions}
 * @param passage lets commands of this process work past the mount, until it is closed
 */
record Serving(
    String keptAs,
    Below below,
    WorkingCopy copy,
    DataRepository repository,
    FuseSession session,
    CopyListeners listeners,
    Closeable passage) {
  /** Remotes are asked as a caller with these variables would; without any, as before. */
  void calledWith(Map<String, String> environment) {
    if (!environment.isEmpty()) {
      repository.calledWith(environment);
    }
  }
}
