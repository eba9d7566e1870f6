package io.revfs.fuse.heard;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import org.jspecify.annotations.Nullable;

/**
 * Hears of each thing that callers do with the files of one session.
 *
 * <p>Paths are relative to the session's root, without a slash at either end; the root is the empty
 * path. Names are strings as {@link FileNames} decodes them. What the kernel answers by itself is
 * not heard of: a name it knows already is told once, and where it reads and writes a file's bytes
 * by itself an open stands for them. Every open is told.
 *
 * <p>Implementations are thread-safe, quick, and never throw but as {@link #changing} says: session
 * threads call them.
 */
public interface AccessListener {
  /** For sessions that nobody listens to. */
  AccessListener NONE = (pid, access, path, other) -> {};

  /**
   * Something was done: called after it succeeded and before the caller is answered (of {@link
   * Access#ABSENT} after it failed). A file opened for both is told as both; one that is truncated
   * while it is opened as {@link Access#TRUNCATED} first; one created while it is opened as {@link
   * Access#CREATED} first.
   *
   * @param pid the calling thread's id as this process sees it; 0 when unknown, or for what the
   *     kernel does on nobody's behalf
   * @param other the second path of {@link Access#RENAMED}, {@link Access#EXCHANGED} and {@link
   *     Access#LINKED}: the new name
   */
  void accessed(int pid, Access access, String path, @Nullable String other);

  /**
   * Something is about to be done that takes bytes away from where they are: a file is opened for
   * writing ({@link Access#OPENED_FOR_WRITING}), truncated, also by opening it ({@link
   * Access#TRUNCATED}), deleted ({@link Access#DELETED}), or renamed ({@link Access#RENAMED}, of
   * the old name and of the new one, if something has that already). Called before that is done, so
   * that what is there can still be read; what is about to be done may fail then.
   *
   * @throws SlowAnswerException if the calling thread would have to wait and may not: the session
   *     asks again from one that may
   */
  default void changing(RequestContext context, Access access, String path)
      throws SlowAnswerException {}

  /** Returns whether anybody hears at all: if not, nothing need be told for now. */
  default boolean isListening() {
    return true;
  }
}
