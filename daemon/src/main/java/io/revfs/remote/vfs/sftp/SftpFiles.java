package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import io.revfs.remote.vfs.Connection;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.GenericFileName;
import org.apache.commons.vfs2.provider.sftp.SftpFileSystem;
import org.jspecify.annotations.Nullable;

/** A file system with one channel of a session that it may share with others. */
final class SftpFiles extends SftpFileSystem implements Connection {
  /** Requests under way for one file: by 16, JSch's number, the latency shows on fast networks. */
  private static final int BULK_REQUESTS = 64;

  private final SshSessions.Place place;
  private @Nullable ChannelSftp channel;

  SftpFiles(GenericFileName root, SshSessions.Place place, FileSystemOptions options) {
    super(root, place.session(), options);
    this.place = place;
  }

  @Override
  public boolean isConnected() {
    ChannelSftp open = channel;
    return place.session().isConnected() && (open == null || open.isConnected());
  }

  @Override
  protected FileObject createFile(AbstractFileName name) throws FileSystemException {
    return new SftpFile(name, this);
  }

  @Override
  protected ChannelSftp getChannel() throws FileSystemException {
    ChannelSftp open = channel;
    if (open != null && open.isConnected()) {
      return open;
    }
    try {
      Session session = place.session();
      ChannelSftp opened = (ChannelSftp) session.openChannel("sftp");
      opened.setBulkRequests(BULK_REQUESTS);
      opened.connect(session.getTimeout());
      channel = opened;
      return opened;
    } catch (JSchException e) {
      throw new FileSystemException("vfs.provider.sftp/connect.error", getRootName(), e);
    }
  }

  /** The channel stays with its file system. */
  @Override
  protected void putChannel(ChannelSftp used) {}

  @Override
  protected void doCloseCommunicationLink() {
    ChannelSftp open = channel;
    if (open != null) {
      open.disconnect();
      channel = null;
    }
    place.leave();
  }
}
