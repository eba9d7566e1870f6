package io.revfs.fuse;

/**
 * The answer needs something slow and the asking thread may not wait; the session asks again from
 * one that may. One preallocated instance without a stack, since it is control flow of the hot
 * path.
 */
public final class SlowAnswerException extends FuseException {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // stackless: see the class comment
  public static final SlowAnswerException INSTANCE = new SlowAnswerException();

  private SlowAnswerException() {
    super(Errno.EAGAIN, "slow answer", null, false);
  }
}
