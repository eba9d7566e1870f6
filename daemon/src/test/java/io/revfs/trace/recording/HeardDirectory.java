package io.revfs.trace.recording;

import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Does things in a real directory and tells a listener of each, as a session would. */
final class HeardDirectory {
  private static final int PID = (int) ProcessHandle.current().pid();
  private static final RequestContext CALLER = new RequestContext(0, 0, PID, true);

  private final Path directory;
  private final AccessListener listener;

  HeardDirectory(Path directory, AccessListener listener) {
    this.directory = directory;
    this.listener = listener;
  }

  private void tell(Access access, String path) {
    listener.accessed(PID, access, path, null);
  }

  /** Looks a path up, name by name, as the kernel does. */
  private boolean look(String path) {
    int slash = path.lastIndexOf('/');
    if (slash > 0 && !look(path.substring(0, slash))) {
      return false;
    }
    boolean there = Files.exists(directory.resolve(path), LinkOption.NOFOLLOW_LINKS);
    tell(there ? Access.STATTED : Access.ABSENT, path);
    return there;
  }

  private void changing(Access access, String path) throws IOException {
    if (look(path)) {
      try {
        listener.changing(CALLER, access, path);
      } catch (SlowAnswerException e) {
        throw new IOException(e);
      }
    }
  }

  void stat(String path) {
    look(path);
  }

  String read(String path) throws IOException {
    look(path);
    tell(Access.OPENED_FOR_READING, path);
    return Files.readString(directory.resolve(path));
  }

  /** Creates it, or replaces what it holds. */
  void write(String path, String text) throws IOException {
    boolean there = look(path);
    changing(Access.TRUNCATED, path);
    if (there) {
      tell(Access.TRUNCATED, path);
    } else {
      tell(Access.CREATED, path);
    }
    tell(Access.OPENED_FOR_WRITING, path);
    Files.writeString(directory.resolve(path), text);
    tell(Access.CLOSED, path);
  }

  /** Opens it for both, and appends. */
  void append(String path, String text) throws IOException {
    changing(Access.OPENED_FOR_WRITING, path);
    tell(Access.OPENED_FOR_READING, path);
    tell(Access.OPENED_FOR_WRITING, path);
    Files.writeString(directory.resolve(path), text, StandardOpenOption.APPEND);
    tell(Access.CLOSED, path);
  }

  void makeDirectory(String path) throws IOException {
    look(path);
    Files.createDirectory(directory.resolve(path));
    tell(Access.CREATED, path);
  }

  void delete(String path) throws IOException {
    changing(Access.DELETED, path);
    Files.delete(directory.resolve(path));
    tell(Access.DELETED, path);
  }

  void rename(String path, String other) throws IOException {
    changing(Access.RENAMED, path);
    changing(Access.RENAMED, other);
    Files.move(
        directory.resolve(path), directory.resolve(other), StandardCopyOption.REPLACE_EXISTING);
    listener.accessed(PID, Access.RENAMED, path, other);
  }

  void list(String path) throws IOException {
    if (!path.isEmpty()) {
      look(path);
    }
    tell(Access.LISTED, path);
  }
}
