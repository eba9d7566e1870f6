package io.revfs.remote.vfs;

import io.revfs.remote.Upload;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.vfs2.FileObject;

/**
 * A file of VFS's with what its own interface lacks. Like every file of VFS's it is for one thread
 * at a time.
 */
public interface RemoteFile extends FileObject {
  /**
   * Says that the name is a file's, so that VFS does not ask the server before each operation. If
   * nothing is there, the operation itself fails.
   *
   * @return this file
   */
  RemoteFile assumeFile();

  /**
   * Opens a range, for which VFS has no word: its random access reads from a position to the end,
   * so that HTTP servers send more than is wanted and connections cannot be used again. The stream
   * must be closed, and ends early if the file does.
   *
   * @param length at least 1
   */
  InputStream open(long offset, long length) throws IOException;

  /**
   * Writes all of the file, whose directory is there: by the protocol's own way of sending a file
   * of known length, where VFS's output stream would hold it in memory or ask more than once.
   */
  void send(Upload upload) throws IOException;

  /**
   * Returns whether {@link #send} goes on where an earlier one broke off, with what is there under
   * the same name: by HTTP it does not, which has no request for it that servers agree on.
   */
  default boolean resumes(Upload upload) {
    return false;
  }
}
