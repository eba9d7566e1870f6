package io.revfs.remote.vfs.web;

import java.io.IOException;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.GenericURLFileName;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileSystem;
import org.apache.http.client.HttpClient;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.protocol.HttpClientContext;

/** A file system over a client that it shares with others. */
@SuppressWarnings("deprecation") // as its provider
final class WebFiles extends Webdav4FileSystem {
  private final Maker maker;

  /** Makes the files: those of plain HTTP or of WebDAV. */
  @FunctionalInterface
  interface Maker {
    FileObject make(WebName name, WebFiles files) throws IOException;
  }

  WebFiles(
      FileName root,
      FileSystemOptions options,
      HttpClient client,
      HttpClientContext context,
      Maker maker) {
    super(root, options, client, context);
    this.maker = maker;
  }

  @Override
  protected FileObject createFile(AbstractFileName name) throws IOException {
    return maker.make(WebName.of((GenericURLFileName) name), this);
  }

  /** Sends a request; the answer must be closed. */
  CloseableHttpResponse execute(HttpUriRequest request) throws IOException {
    return (CloseableHttpResponse) getHttpClient().execute(request, getHttpClientContext());
  }

  /** The client is the remote's, and lives on. */
  @Override
  protected void doCloseCommunicationLink() {}
}
