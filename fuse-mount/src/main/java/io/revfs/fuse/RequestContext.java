package io.revfs.fuse;

import io.revfs.posix.CallerGroups;

/**
 * Who asks, and whether the answer may be slow.
 *
 * @param uid the asking process's user, or -1 when unknown
 * @param gid its group, or -1
 * @param pid its process id as the session's namespace sees it, or 0 when unknown
 * @param mayBlock whether the thread may wait for something slow
 */
public record RequestContext(int uid, int gid, int pid, boolean mayBlock) {
  /** For calls from within this process, on threads that may wait. */
  public static final RequestContext INTERNAL = new RequestContext(-1, -1, 0, true);

  /** Returns whether who asks is in a group, or may do all the same; asks the system if need be. */
  public boolean isInGroup(int wanted) {
    return uid == 0 || gid == wanted || CallerGroups.has(pid, wanted);
  }

  /**
   * Stands before every wait: returns if the thread may block.
   *
   * @throws SlowAnswerException if it may not
   */
  public void beforeSlowAnswer() throws SlowAnswerException {
    if (!mayBlock) {
      throw SlowAnswerException.INSTANCE;
    }
  }
}
