package io.revfs.fuse.local;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileDetails;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;

/**
 * Finds what the kernel knows of a local tree and is otherwise now, since somebody changed what is
 * below past the tree. For one thread.
 */
public final class StaleNodes {
  private static final byte[] SELF = {'.'};

  private final long since;
  private final Set<Long> directories;
  private final ToLongFunction<FileDetails> numbers;
  private final LongConsumer gone;
  private final List<Found> found = new ArrayList<>();

  /** Takes what the kernel may know otherwise than it is. */
  public interface Sink {
    /** A name leads elsewhere, or may have been thought to be absent. */
    void entry(long directory, String name);

    /** A node has other attributes, or a directory other names. */
    void node(long node);
  }

  /** Something that is to be told; of a node itself the name is empty. */
  private record Found(long node, String name) {}

  /**
   * @param since when the first change may have been made, nanoseconds since 1970
   * @param directories in which names are known
   * @param numbers says which node a file is
   * @param gone is told of nodes that have no name any more
   */
  StaleNodes(
      long since, Set<Long> directories, ToLongFunction<FileDetails> numbers, LongConsumer gone) {
    this.since = since;
    this.directories = directories;
    this.numbers = numbers;
    this.gone = gone;
  }

  /** Holds an open directory against what is known of the names in it. */
  void look(int fd, long directory, Map<String, Long> known) throws FuseException {
    FuseException.check(NameCalls.stat(fd), "directory");
    boolean changed = NameCalls.details().changed() >= since;
    known.forEach((name, node) -> look(fd, directory, name, node));
    if (changed) {
      for (String name : names(fd, SELF)) {
        if (!known.containsKey(name)) {
          found.add(new Found(directory, name));
        }
      }
      found.add(new Found(directory, ""));
    }
  }

  private void look(int fd, long directory, String text, long node) {
    byte[] name = FileNames.encode(text);
    if (NameCalls.stat(fd, name) < 0) {
      gone.accept(node);
      found.add(new Found(directory, text));
      return;
    }
    FileDetails details = NameCalls.details();
    if (numbers.applyAsLong(details) != node) {
      found.add(new Found(directory, text));
    } else if (details.changed() >= since) {
      if (details.isDirectory() && !directories.contains(node)) {
        names(fd, name).forEach(absent -> found.add(new Found(node, absent)));
      }
      found.add(new Found(node, ""));
    }
  }

  private static List<String> names(int directory, byte[] name) {
    List<String> names = new ArrayList<>();
    int fd = Posix.open(directory, name, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0);
    if (fd >= 0) {
      int unused = FileCalls.list(fd, (bytes, type) -> names.add(FileNames.decode(bytes)));
      unused = Posix.close(fd);
    }
    return names;
  }

  /** Tells what was found since it was told last; whoever hears it may wait for requests. */
  void tell(Sink sink) {
    for (Found one : found) {
      if (one.name().isEmpty()) {
        sink.node(one.node());
      } else {
        sink.entry(one.node(), one.name());
      }
    }
    found.clear();
  }
}
