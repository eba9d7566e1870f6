package io.revfs.url;

import io.revfs.dvc.DvcConfig;
import io.revfs.reach.Passages;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.scheme.Remotes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Opens what a URL or path names. */
public final class ExternalUrls {
  private static final String VERSION_AWARE = "version_aware";
  private static final String S3_VERSION = "?versionId=";

  private final RemoteLimits limits;

  /** {@code limits} for every store. */
  public ExternalUrls(RemoteLimits limits) {
    this.limits = limits;
  }

  /**
   * What is to be opened.
   *
   * @param url a path, a URL, or {@code remote://name/path}
   * @param directory what a relative path is relative to
   * @param options of the store, by DVC's names ({@code --fs-config}); they win over those of a
   *     remote that the URL refers to
   * @param config where remotes that the URL refers to are configured
   * @param version of a file, where it was recorded
   * @param environment the caller's, where stores look for credentials
   */
  public record Request(
      String url,
      Path directory,
      Map<String, String> options,
      Optional<DvcConfig> config,
      Optional<String> version,
      Map<String, String> environment) {
    public Request {
      options = Map.copyOf(options);
      environment = Map.copyOf(environment);
    }
  }

  /** Returns whether a URL names something of this machine. */
  public static boolean isLocal(String url) {
    return !url.contains("://") || url.startsWith("file://");
  }

  /**
   * Opens it; the caller closes it. Connects to nothing yet.
   *
   * @throws IOException if the URL or an option makes no sense, or the remote it refers to is not
   *     configured
   */
  public ExternalData open(Request request) throws IOException {
    Map<String, String> options = new HashMap<>();
    String url = request.url();
    Optional<DvcConfig.RemoteSection> referred =
        request.config().isPresent()
            ? request.config().get().referredRemote(url)
            : Optional.empty();
    String name = "url";
    if (referred.isPresent()) {
      options.putAll(referred.get().options());
      name = referred.get().name();
      url = joined(referred.get().url(), DvcConfig.below(url));
    } else if (url.startsWith("remote://")) {
      throw new IOException(url + " refers to a remote, and there is no DVC project here");
    }
    options.putAll(request.options());
    if (isLocal(url)) {
      return new LocalData(local(url, request.directory()));
    }
    boolean versionAware = Boolean.parseBoolean(options.remove(VERSION_AWARE));
    RemoteSettings settings = new RemoteSettings(name, url, options, limits, request.environment());
    return store(settings, request.version(), versionAware);
  }

  private static Path local(String url, Path directory) throws IOException {
    try {
      return Passages.below(
          url.startsWith("file://")
              ? Path.of(URI.create(url)).normalize()
              : Passages.resolve(directory, url));
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + url + "' is no path", e);
    }
  }

  /** {@code settings} have the whole URL. */
  private static ExternalData store(
      RemoteSettings settings, Optional<String> version, boolean versionAware) throws IOException {
    String url = settings.url();
    String plain = url;
    Optional<String> asked = version;
    int mark = url.indexOf(S3_VERSION);
    if (url.startsWith("s3://") && mark > 0) {
      plain = url.substring(0, mark);
      asked = version.or(() -> Optional.of(url.substring(mark + S3_VERSION.length())));
    }
    int scheme = plain.indexOf("://");
    int authority = plain.indexOf('/', scheme + 3);
    String path = authority < 0 ? "" : plain.substring(authority + 1);
    String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    int slash = keyStart(trimmed);
    String base =
        authority < 0 ? plain : plain.substring(0, authority) + "/" + trimmed.substring(0, slash);
    StoreData.Target target =
        new StoreData.Target(
            plain.substring(0, scheme),
            Redaction.url(url),
            trimmed.substring(slash),
            asked,
            versionAware || asked.isPresent());
    return new StoreData(Remotes.open(settings.at(base)), target);
  }

  /** The key is what stands after the last slash of the path; a query may have slashes too. */
  private static int keyStart(String path) {
    int query = path.indexOf('?');
    return path.lastIndexOf('/', query < 0 ? path.length() : query) + 1;
  }

  private static String joined(String url, String below) {
    if (below.isEmpty()) {
      return url;
    }
    return url.endsWith("/") ? url + below : url + "/" + below;
  }
}
