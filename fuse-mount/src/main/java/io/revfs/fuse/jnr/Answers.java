package io.revfs.fuse.jnr;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place through which every request goes: nothing is thrown into native code. */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private final LoopThreads threads;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  Answers(LoopThreads threads) {
    this.threads = threads;
  }

  /** One request; gives what the kernel is told: 0 or more, or a negative error number. */
  @FunctionalInterface
  interface Request {
    int answer() throws FuseException;
  }

  /** Returns what a request gives, or the negative number of its error. */
  int answer(String operation, @Nullable Pointer path, Request request) {
    threads.requestBegins();
    try {
      return request.answer();
    } catch (FuseException e) {
      if (e.getCause() == null) {
        log.debug("{} {}: {}", operation, describe(path), e.getMessage());
      } else if (warned.add(operation + e.getCause())) {
        log.warn("{} {}: {}", operation, describe(path), e.getMessage());
      }
      return -e.errno().number();
    } catch (Throwable t) { // nothing may be thrown into libfuse: the process would end
      if (warned.add(operation + t)) {
        log.error("{} {} failed", operation, describe(path), t);
      }
      return -Errno.EIO.number();
    } finally {
      threads.requestEnds();
    }
  }

  private static String describe(@Nullable Pointer path) {
    return path == null ? "-" : NativePath.decode(path);
  }
}
