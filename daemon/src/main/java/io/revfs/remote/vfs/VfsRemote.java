package io.revfs.remote.vfs;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.Listing;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.Delivery;
import io.revfs.remote.parts.TemporaryNames;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.vfs2.FileNotFolderException;
import org.apache.commons.vfs2.FileNotFoundException;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * SFTP, HTTP(S) and WebDAV, through Apache Commons VFS. Where files can be renamed a write goes to
 * a temporary name first; plain HTTP sends an object in one request, and whether a reader may see
 * half of it is up to the server.
 */
public final class VfsRemote extends ConfiguredRemote {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Protocol protocol;
  private final ConcurrentLinkedDeque<Lane> idle = new ConcurrentLinkedDeque<>();
  private final Set<String> made = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Connects to nothing yet; closes the protocol with itself. */
  public VfsRemote(RemoteSettings settings, Protocol protocol) {
    super(settings);
    this.protocol = protocol;
  }

  @Override
  public Set<Capability> capabilities() {
    return protocol.capabilities();
  }

  @Override
  public Listing listing() {
    return can(Capability.LIST) ? Listing.DIRECTORIES : Listing.FLAT;
  }

  private boolean can(Capability capability) {
    return protocol.capabilities().contains(capability);
  }

  @FunctionalInterface
  private interface Call<T> {
    T run(Lane lane) throws IOException;
  }

  /** Runs a call on a lane; one that failed midway is not used again. */
  private <T> T with(String key, Call<T> call) throws IOException {
    Lane lane = connectedLane();
    boolean fine = false;
    try {
      if (lane == null) {
        lane = Lane.open(protocol);
      }
      T result = call.run(lane);
      fine = true;
      return result;
    } catch (IOException | RuntimeException e) {
      IOException failure = failure(key, e);
      fine = failure instanceof ObjectMissingException;
      throw failure;
    } finally {
      if (lane != null) {
        if (fine && !closed.get() && lane.isUsable()) {
          idle.addLast(lane);
        } else {
          lane.close();
        }
      }
    }
  }

  private @Nullable Lane connectedLane() {
    for (Lane lane = idle.pollLast(); lane != null; lane = idle.pollLast()) {
      if (lane.isUsable()) {
        return lane;
      }
      lane.close();
    }
    return null;
  }

  /** Takes off what VFS wraps around a failure, and says what it means. */
  private IOException failure(String key, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof FileSystemException
        && !isMissing(cause)
        && cause.getCause() != null
        && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case Delivery.TakerFailedException taker -> taker.failure();
      case ObjectMissingException known -> known;
      case SourceUnreachableException known -> known;
      case RemoteConfigurationException known -> known;
      case java.nio.file.FileSystemException local -> local; // what is to be sent
      case Throwable t when isMissing(t) -> new ObjectMissingException(key, where());
      default -> protocol.translate(key, cause);
    };
  }

  private static boolean isMissing(Throwable failure) {
    return failure instanceof FileNotFoundException || failure instanceof FileNotFolderException;
  }

  @Override
  public boolean isThere() throws IOException {
    return !can(Capability.LIST) || with("", lane -> lane.directory("").isFolder());
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    String path = key.path();
    return RemoteObject.of(path, with(path, lane -> lane.file(path).getContent().getSize()));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    String path = key.path();
    if (length == 0) {
      return; // HTTP has no empty range
    }
    with(
        path,
        lane -> {
          try (InputStream in = lane.file(path).open(offset, length)) {
            long missing = Delivery.pass(in, length, consumer);
            if (missing > 0) {
              throw brokeOff(key, missing);
            }
          }
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return with(
        key.path(),
        lane -> {
          try (InputStream in = lane.file(key.path()).getContent().getInputStream(BUFFER_BYTES)) {
            return Delivery.passAll(in, consumer);
          }
        });
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    if (!can(Capability.LIST)) {
      throw lasting("HTTP servers cannot be listed; only what is named can be read", null);
    }
    int slash = prefix.lastIndexOf('/');
    Deque<String> directories = new ArrayDeque<>();
    directories.add(slash < 0 ? "" : prefix.substring(0, slash));
    while (!directories.isEmpty()) {
      String directory = directories.removeLast();
      List<RemoteObject> files = new ArrayList<>();
      try {
        with(
            directory,
            lane -> {
              lane.read(directory, prefix, files, directories);
              return true;
            });
      } catch (ObjectMissingException e) {
        continue; // never written to, or removed meanwhile
      }
      for (RemoteObject file : files) {
        if (!sink.accept(file)) {
          return;
        }
      }
    }
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    boolean renames = can(Capability.LIST);
    try {
      with(
          path,
          lane -> {
            if (renames) {
              writeAndRename(lane, path, upload);
            } else {
              lane.file(path).send(upload);
            }
            return true;
          });
    } catch (ObjectMissingException e) {
      made.clear(); // somebody removed the directory since it was made: the next try makes it again
      throw passing("its directory vanished", e);
    } catch (SourceUnreachableException e) {
      made.clear();
      throw e;
    }
    return RemoteObject.of(path, upload.size());
  }

  private void writeAndRename(Lane lane, String path, Upload upload) throws IOException {
    makeDirectory(lane.directory(RelativePaths.parent(path)));
    RemoteFile temporary = lane.file(TemporaryNames.beside(path));
    boolean resumes = temporary.resumes(upload);
    if (resumes) {
      temporary = lane.file(TemporaryNames.resumable(path, upload.content()));
    }
    try {
      temporary.send(upload);
      temporary.moveTo(lane.file(path));
    } catch (IOException | RuntimeException e) {
      lane.breakOff();
      if (!resumes || !mayGoOn(failure(path, e))) {
        discard(temporary);
      }
      throw e;
    }
  }

  /** Whether another try may come; a server that is full should not keep what nobody completes. */
  private static boolean mayGoOn(IOException failure) {
    return failure instanceof InterruptedIOException
        || (failure instanceof SourceUnreachableException e && e.isTransient());
  }

  private static void discard(RemoteFile temporary) {
    try {
      temporary.assumeFile().delete();
    } catch (IOException | RuntimeException e) {
      // Not made, or the server is away; it carries a name that nobody reads.
    }
  }

  private void makeDirectory(FileObject directory) throws IOException {
    String path = directory.getName().getPath();
    if (made.contains(path)) {
      return;
    }
    if (!directory.isFolder()) {
      FileObject parent = directory.getParent();
      if (parent != null) {
        makeDirectory(parent);
      }
      try {
        directory.createFolder();
      } catch (FileSystemException e) {
        directory.refresh(); // perhaps somebody was faster
        if (!directory.isFolder()) {
          throw e;
        }
      }
    }
    made.add(path);
  }

  @Override
  public void delete(String path) throws IOException {
    if (!can(Capability.DELETE)) {
      throw lasting("nothing can be deleted from an HTTP remote", null);
    }
    try {
      with(path, lane -> lane.file(path).delete());
    } catch (ObjectMissingException e) {
      // Nothing to do.
    }
  }

  @Override
  public void close() {
    closed.set(true);
    for (Lane lane = idle.pollLast(); lane != null; lane = idle.pollLast()) {
      lane.close();
    }
    protocol.close();
  }
}
