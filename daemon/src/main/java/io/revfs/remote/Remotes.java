package io.revfs.remote;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;

/** Opens remotes: picks the store by the URL's scheme and puts the wrappers around it. */
public final class Remotes {
  private Remotes() {}

  /**
   * Opens a remote. Connects to nothing yet.
   *
   * @throws IOException if the URL or an option makes no sense
   */
  public static OpenRemote open(RemoteSettings settings) throws IOException {
    RemoteLimits limits = settings.limits();
    // From the inside out: each try counts as a request, and waits between tries hold no place.
    MonitoredRemote monitored =
        new MonitoredRemote(
            new LimitedRemote(
                DeadlineRemote.around(store(settings), settings), limits.connections()));
    Remote retrying = new RetryingRemote(monitored, limits.retries(), Thread::sleep, new Random());
    return new OpenRemote(retrying, monitored::figures);
  }

  private static Remote store(RemoteSettings settings) throws IOException {
    String url = settings.url();
    if (url.startsWith("/")) {
      return new DirectoryRemote(settings.name(), Path.of(url).normalize());
    }
    int colon = url.indexOf("://");
    String scheme = colon < 0 ? "" : url.substring(0, colon);
    return switch (scheme) {
      case "file" -> new DirectoryRemote(settings.name(), Path.of(URI.create(url)).normalize());
      case "s3" -> new S3Remote(settings);
      case "ssh", "sftp", "http", "https", "webdav", "webdavs" -> new VfsRemote(settings);
      default ->
          throw new IOException(
              "remote '%s': URLs of the kind '%s' are not supported"
                  .formatted(settings.name(), Redaction.url(url)));
    };
  }
}
