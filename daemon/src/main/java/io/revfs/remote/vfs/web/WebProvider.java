package io.revfs.remote.vfs.web;

import javax.net.ssl.SSLContext;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileSystem;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.UserAuthenticationData;
import org.apache.commons.vfs2.provider.GenericURLFileName;
import org.apache.commons.vfs2.provider.http4.Http4FileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileProvider;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.webdav4s.Webdav4sFileNameParser;
import org.apache.commons.vfs2.util.UserAuthenticatorUtils;
import org.apache.http.client.HttpClient;
import org.apache.http.client.protocol.HttpClientContext;

/**
 * VFS's provider for WebDAV, which is the one for HTTP and more; its file systems share one client,
 * which is VFS's with what {@link HttpLogin} adds.
 */
@SuppressWarnings(
    "deprecation") // VFS has WebDAV only for HttpClient 4, whose provider it deprecates
final class WebProvider extends Webdav4FileProvider {
  private final HttpLogin login;
  private final WebFiles.Maker maker;

  WebProvider(HttpLogin login, boolean tls, WebFiles.Maker maker) {
    this.login = login;
    this.maker = maker;
    if (tls) {
      setFileNameParser(Webdav4sFileNameParser.getInstance());
    }
  }

  @Override
  protected FileSystem doCreateFileSystem(FileName name, FileSystemOptions options)
      throws FileSystemException {
    WebName root = WebName.of((GenericURLFileName) name);
    Http4FileSystemConfigBuilder builder = Webdav4FileSystemConfigBuilder.getInstance();
    UserAuthenticationData who = UserAuthenticatorUtils.authenticate(options, AUTHENTICATOR_TYPES);
    HttpClientContext context = createHttpClientContext(builder, root, options, who);
    HttpClient client = login.client(() -> createHttpClientBuilder(builder, root, options));
    return new WebFiles(root, options, client, context, maker);
  }

  /** VFS's own trusts every certificate. */
  @Override
  protected SSLContext createSSLContext(
      Http4FileSystemConfigBuilder builder, FileSystemOptions options) {
    return login.tls();
  }
}
