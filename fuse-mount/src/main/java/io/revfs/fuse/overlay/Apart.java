package io.revfs.fuse.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * Runs system calls that may wait for FUSE sessions of this very process, in a thread with a table
 * of descriptors of its own, without those that others notice the end of this process by. So when
 * the process is killed meanwhile, its keeper hears of it, its locks are given back, and if nobody
 * holds the sessions any more their connections end, and the thread with them. With the process's
 * own table it would wait for an answer that only the process after it can give.
 *
 * <p>What is run must do no more than such calls: descriptors that it opens are known to its thread
 * only, and of files that the process opens meanwhile it knows none. Thread-safe.
 */
final class Apart {
  private static final Path OWN = Path.of("/proc/self/fd");

  private Apart() {}

  /** What is run. */
  interface Calls<T> {
    T run() throws IOException;
  }

  static <T> T run(Calls<T> calls) throws IOException {
    List<Integer> left = heard();
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("mounting")
        .start(
            () -> {
              try {
                MountCalls.haveOwnDescriptors(left);
                result.complete(calls.run());
              } catch (IOException | RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw e;
    }
  }

  /** The device, pipes and sockets: somebody waits for their end, or they are somebody's end. */
  private static List<Integer> heard() throws IOException {
    List<Integer> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(OWN)) {
      for (Path one : (Iterable<Path>) all::iterator) {
        int number = Integer.parseInt(String.valueOf(one.getFileName()));
        if (number > 2 && isHeard(one)) {
          found.add(number);
        }
      }
    }
    return found;
  }

  private static boolean isHeard(Path descriptor) {
    try {
      String what = Files.readSymbolicLink(descriptor).toString();
      return what.equals("/dev/fuse") || what.startsWith("pipe:") || what.startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
