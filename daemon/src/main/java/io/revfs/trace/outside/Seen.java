package io.revfs.trace.outside;

import io.revfs.posix.Fanotify;

/**
 * A file outside of the sessions that was opened or closed, or a directory that was opened.
 *
 * @param process who did it; 0 if nothing is known of it any more
 * @param events bits of {@link Fanotify}; {@link Fanotify#DIRECTORY} alone of a directory
 * @param path absolute
 * @param born whether the file is younger than the run
 * @param modified when its bytes changed last, in nanoseconds since 1970
 * @param handle finds a file again that got another name; empty if it was not written, or there is
 *     no such thing
 */
public record Seen(
    int process, int events, String path, boolean born, long modified, byte[] handle) {
  boolean has(int event) {
    return (events & event) != 0;
  }
}
