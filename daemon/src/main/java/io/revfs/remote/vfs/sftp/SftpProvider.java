package io.revfs.remote.vfs.sftp;

import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileSystem;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.GenericFileName;
import org.apache.commons.vfs2.provider.sftp.SftpFileProvider;

/** VFS's provider, whose file systems share SSH sessions instead of having one each. */
final class SftpProvider extends SftpFileProvider {
  private final SshSessions sessions;

  SftpProvider(SshSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  protected FileSystem doCreateFileSystem(FileName name, FileSystemOptions options)
      throws FileSystemException {
    GenericFileName root = (GenericFileName) name;
    return new SftpFiles(root, sessions.take(root, options), options);
  }
}
