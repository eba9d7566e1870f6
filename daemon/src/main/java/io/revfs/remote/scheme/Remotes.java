package io.revfs.remote.scheme;

import io.revfs.reach.Passages;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.azure.AzureRemote;
import io.revfs.remote.directory.DirectoryRemote;
import io.revfs.remote.drive.DriveRemote;
import io.revfs.remote.gcs.GcsRemote;
import io.revfs.remote.hdfs.HdfsRemote;
import io.revfs.remote.s3.S3Remote;
import io.revfs.remote.vfs.VfsRemote;
import io.revfs.remote.vfs.sftp.SftpProtocol;
import io.revfs.remote.vfs.web.WebProtocol;
import io.revfs.remote.wrapper.Wrappers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Opens remotes: picks the store by the URL's scheme and puts the wrappers around it. */
public final class Remotes {
  private Remotes() {}

  /**
   * Opens a remote. Connects to nothing yet.
   *
   * @throws RemoteConfigurationException if the URL or an option makes no sense
   */
  public static OpenRemote open(RemoteSettings settings) throws IOException {
    return Wrappers.around(store(settings), settings);
  }

  private static Remote store(RemoteSettings settings) throws IOException {
    String url = settings.url();
    int colon = url.indexOf("://");
    String scheme = colon < 0 ? "" : url.substring(0, colon);
    RemoteOptions.check(scheme, settings);
    return switch (scheme) {
      case "", "file" -> new DirectoryRemote(settings, Passages.below(directory(settings, scheme)));
      case "s3" -> new S3Remote(settings);
      case "gs" -> new GcsRemote(settings);
      case "azure" -> new AzureRemote(settings);
      case "oss" -> S3Remote.ofAlibaba(settings);
      case "gdrive" -> new DriveRemote(settings);
      case "ssh", "sftp" -> new VfsRemote(settings, new SftpProtocol(settings));
      case "http", "https", "webdav", "webdavs" ->
          new VfsRemote(settings, new WebProtocol(settings));
      case "hdfs", "webhdfs" -> new HdfsRemote(settings);
      default -> throw new IllegalStateException(scheme); // checked above
    };
  }

  private static Path directory(RemoteSettings settings, String scheme)
      throws RemoteConfigurationException {
    try {
      Path path = scheme.isEmpty() ? Path.of(settings.url()) : Path.of(URI.create(settings.url()));
      if (!path.isAbsolute()) {
        throw new RemoteConfigurationException(settings.name(), "the path must be absolute");
      }
      return path.normalize();
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(settings.name(), "the URL is malformed", e);
    }
  }
}
