package io.revfs.remote;

import java.net.URI;

/**
 * The URL of a remote in a bucket.
 *
 * @param prefix of all keys: empty, or ending with a slash
 */
public record BucketUrl(String bucket, String prefix) {
  /** Reads {@code scheme://BUCKET/PATH}. */
  public static BucketUrl of(RemoteSettings settings) throws RemoteConfigurationException {
    URI uri = settings.uri();
    if (uri.getAuthority() == null) {
      throw new RemoteConfigurationException(
          settings.name(), "no bucket in " + Redaction.url(settings.url()));
    }
    String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("^/+|/+$", "");
    return new BucketUrl(uri.getAuthority(), path.isEmpty() ? "" : path + "/");
  }
}
