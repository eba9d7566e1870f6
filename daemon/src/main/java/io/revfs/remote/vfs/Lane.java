package io.revfs.remote.vfs;

import io.revfs.remote.RemoteObject;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import org.apache.commons.vfs2.CacheStrategy;
import org.apache.commons.vfs2.FileContent;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystem;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.cache.NullFilesCache;
import org.apache.commons.vfs2.impl.DefaultFileSystemManager;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.UriParser;

/**
 * A file system of VFS's, for one thread at a time: VFS holds a file system's lock while it waits
 * for the server. Nothing is cached in it.
 */
final class Lane implements Closeable {
  private final DefaultFileSystemManager manager;
  private final FileSystem files;
  private final String base;
  private boolean brokeOff;

  private Lane(DefaultFileSystemManager manager, FileSystem files, String base) {
    this.manager = manager;
    this.files = files;
    this.base = base;
  }

  static Lane open(Protocol protocol) throws IOException {
    DefaultFileSystemManager manager = new DefaultFileSystemManager();
    String root = protocol.root();
    manager.addProvider(root.substring(0, root.indexOf(':')), protocol.provider());
    manager.setFilesCache(new NullFilesCache());
    manager.setCacheStrategy(CacheStrategy.MANUAL);
    try {
      manager.init();
      FileSystem files = manager.resolveFile(root, protocol.options()).getFileSystem();
      return new Lane(manager, files, protocol.base());
    } catch (IOException | RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Says that a call ended midway: JSch hides interruptions in places, and would take the answer
   * that then comes for that of the next question.
   */
  void breakOff() {
    brokeOff = true;
  }

  /** Returns whether it is worth trying: the server may have ended its connection meanwhile. */
  boolean isUsable() {
    return !brokeOff && isConnected();
  }

  private boolean isConnected() {
    return !(files instanceof Connection connection) || connection.isConnected();
  }

  /** Returns a key's file. */
  RemoteFile file(String key) throws IOException {
    return ((RemoteFile) resolve(key, FileType.FILE)).assumeFile();
  }

  /** Returns a directory; an empty key is the remote itself. */
  FileObject directory(String key) throws IOException {
    return resolve(key, FileType.FOLDER);
  }

  private FileObject resolve(String key, FileType type) throws IOException {
    String path = key.isEmpty() ? base : base + "/" + key;
    // Not by the manager's resolver, which takes '\' for '/', and a word before ':' for a scheme.
    AbstractFileName root = (AbstractFileName) files.getRootName();
    FileName name = path.isEmpty() ? root : root.createName(UriParser.encode(path), type);
    return files.resolveFile(name);
  }

  /** Reads a directory: files whose keys start with the prefix, and directories that may. */
  void read(String key, String prefix, List<RemoteObject> found, Deque<String> directories)
      throws IOException {
    for (FileObject child : directory(key).getChildren()) {
      String path = child.getName().getPathDecoded().substring(base.length() + 1);
      if (child.getType() == FileType.FOLDER) {
        if ((path + "/").startsWith(prefix) || prefix.startsWith(path + "/")) {
          directories.add(path);
        }
      } else if (child.getType() == FileType.FILE && path.startsWith(prefix)) {
        FileContent content = child.getContent();
        found.add(
            RemoteObject.of(path, content.getSize())
                .writtenAt(Instant.ofEpochMilli(content.getLastModifiedTime())));
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
