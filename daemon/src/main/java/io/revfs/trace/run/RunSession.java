package io.revfs.trace.run;

import io.revfs.fuse.FileTree;
import io.revfs.trace.Trace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of a run.
 *
 * @param place where it is mounted in the run's name space
 * @param name of what is kept of it for the next process
 * @param beside descriptors that the next process needs beside the session's
 * @param end is closed when the session is over, or if it never begins
 * @param changed is told what the run did
 */
record RunSession(
    Path place,
    String name,
    FileTree tree,
    List<Integer> beside,
    Closeable end,
    Consumer<Trace> changed) {
  private static final Logger log = LoggerFactory.getLogger(RunSession.class);

  void close() {
    try {
      end.close();
    } catch (IOException e) {
      log.warn("what was shown at {} cannot be closed: {}", place, e.getMessage());
    }
  }
}
