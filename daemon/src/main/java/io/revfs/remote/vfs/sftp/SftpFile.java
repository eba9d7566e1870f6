package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.SftpATTRS;
import com.jcraft.jsch.SftpException;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.CountingStream;
import io.revfs.remote.vfs.RemoteFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.vfs2.FileNotFoundException;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.UriParser;
import org.apache.commons.vfs2.provider.sftp.SftpFileObject;
import org.jspecify.annotations.Nullable;

/**
 * VFS's file with fewer questions to the server: VFS asks for a file's kind and for its mode before
 * it reads, deletes a file before another is renamed to it, and takes names for patterns.
 */
final class SftpFile extends SftpFileObject implements RemoteFile {
  /** Less is sent again faster than it is asked about. */
  private static final long RESUMED_BYTES = 64L << 20;

  private static final Pattern GLOB = Pattern.compile("[\\\\*?]");

  private final SftpFiles files;
  private final String path;

  /** What a listing said of it. */
  private @Nullable SftpATTRS listed;

  SftpFile(AbstractFileName name, SftpFiles files) throws FileSystemException {
    super(name, files);
    this.files = files;
    // JSch takes paths for patterns.
    this.path = GLOB.matcher(name.getPathDecoded()).replaceAll("\\\\$0");
  }

  @Override
  public RemoteFile assumeFile() {
    injectType(FileType.FILE);
    return this;
  }

  private SftpATTRS attributes() throws FileSystemException, SftpException {
    SftpATTRS known = listed;
    return known != null ? known : files.getChannel().stat(path);
  }

  @Override
  protected synchronized FileType doGetType() throws FileSystemException, SftpException {
    try {
      return type(attributes());
    } catch (SftpException e) {
      if (e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE) {
        return FileType.IMAGINARY;
      }
      throw e;
    }
  }

  private static FileType type(SftpATTRS attributes) {
    return attributes.isDir()
        ? FileType.FOLDER
        : attributes.isReg() ? FileType.FILE : FileType.IMAGINARY;
  }

  @Override
  protected synchronized long doGetContentSize() throws FileSystemException, SftpException {
    SftpATTRS found = attributes();
    if (found.isDir()) {
      throw new FileNotFoundException(getName());
    }
    return found.getSize();
  }

  @Override
  protected synchronized long doGetLastModifiedTime() throws FileSystemException, SftpException {
    return attributes().getMTime() * 1000L;
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    try {
      return files.getChannel().get(path, null, offset);
    } catch (SftpException e) {
      throw new FileSystemException(e);
    }
  }

  @Override
  protected InputStream doGetInputStream(int bufferSize) throws FileSystemException, SftpException {
    return files.getChannel().get(path);
  }

  @Override
  protected OutputStream doGetOutputStream(boolean append)
      throws FileSystemException, SftpException {
    return files.getChannel().put(path, append ? ChannelSftp.APPEND : ChannelSftp.OVERWRITE);
  }

  @Override
  public boolean resumes(Upload upload) {
    return upload.size() >= RESUMED_BYTES;
  }

  @Override
  public void send(Upload upload) throws IOException {
    boolean resumes = resumes(upload);
    ChannelSftp sftp = files.getChannel();
    try (InputStream in =
        new CountingStream(Files.newInputStream(upload.content()), upload.sent())) {
      sftp.put(in, path, resumes ? ChannelSftp.RESUME : ChannelSftp.OVERWRITE);
      if (resumes && sftp.stat(path).getSize() != upload.size()) {
        sftp.rm(path);
        throw new FileSystemException("another length arrived than was sent");
      }
    } catch (SftpException e) {
      throw new FileSystemException(e);
    }
  }

  @Override
  protected FileObject[] doListChildrenResolved() throws FileSystemException, SftpException {
    List<FileObject> children = new ArrayList<>();
    AbstractFileName parent = (AbstractFileName) getName();
    String prefix = parent.getPath().equals("/") ? "/" : parent.getPath() + "/";
    files
        .getChannel()
        .ls(
            path,
            entry -> {
              String file = entry.getFilename();
              if (!file.equals(".") && !file.equals("..")) {
                FileType type = type(entry.getAttrs());
                try {
                  SftpFile child =
                      new SftpFile(
                          (AbstractFileName)
                              parent.createName(prefix + UriParser.encode(file), type),
                          files);
                  child.listed = entry.getAttrs();
                  children.add(child);
                } catch (FileSystemException e) {
                  // Its name is encoded, so it can be decoded.
                  throw new IllegalStateException(e);
                }
              }
              return ChannelSftp.LsEntrySelector.CONTINUE;
            });
    return children.toArray(FileObject[]::new);
  }

  /** At once, where VFS would delete what is there first. */
  @Override
  public void moveTo(FileObject target) throws FileSystemException {
    String to = ((SftpFile) target).path;
    ChannelSftp sftp = files.getChannel();
    try {
      try {
        sftp.rename(path, to);
      } catch (SftpException e) {
        if (!mayBeInTheWay(sftp, e)) {
          throw e;
        }
        sftp.rm(to);
        sftp.rename(path, to);
      }
    } catch (SftpException e) {
      throw new FileSystemException(e);
    }
  }

  /**
   * A server without posix-rename does not rename over a file. Only its own answer may say so:
   * after an interruption the rename may have been done, and what would be removed is what was
   * renamed.
   */
  private static boolean mayBeInTheWay(ChannelSftp sftp, SftpException failure)
      throws SftpException {
    return SftpProtocol.isAnswer(failure)
        && failure.id != ChannelSftp.SSH_FX_NO_SUCH_FILE
        && failure.id != ChannelSftp.SSH_FX_PERMISSION_DENIED
        && sftp.getExtension("posix-rename@openssh.com") == null;
  }

  @Override
  protected void doDelete() throws FileSystemException, SftpException {
    files.getChannel().rm(path);
  }

  @Override
  protected void doCreateFolder() throws FileSystemException, SftpException {
    files.getChannel().mkdir(getName().getPathDecoded());
  }

  @Override
  protected synchronized void doDetach() {
    listed = null;
  }

  /** VFS would ask the server what it is now. */
  @Override
  protected void onChange() {}
}
