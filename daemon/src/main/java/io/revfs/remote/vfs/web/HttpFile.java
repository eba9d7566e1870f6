package io.revfs.remote.vfs.web;

import io.revfs.remote.Upload;
import io.revfs.remote.vfs.RemoteFile;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.http4.Http4FileObject;
import org.apache.http.Header;
import org.apache.http.HttpHeaders;
import org.apache.http.client.methods.CloseableHttpResponse;

/** VFS's file on an HTTP server, which can be written and does not take a failure for absence. */
@SuppressWarnings("deprecation") // as its provider
final class HttpFile extends Http4FileObject<WebFiles> implements RemoteFile {
  private final WebRequests requests;
  private final String method;

  HttpFile(WebName name, WebFiles files, String method) throws FileSystemException {
    super(name, files);
    this.requests = new WebRequests(files, getInternalURI());
    this.method = method;
  }

  @Override
  public RemoteFile assumeFile() {
    injectType(FileType.FILE);
    return this;
  }

  /** VFS says 0 if the server does not tell. */
  @Override
  protected long doGetContentSize() throws IOException {
    try (CloseableHttpResponse response = requests.send(requests.request("HEAD").build())) {
      Header length = response.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
      if (length == null) {
        throw new FileSystemException("the server does not tell the size of " + getName());
      }
      return Long.parseLong(length.getValue());
    }
  }

  @Override
  protected InputStream doGetInputStream(int bufferSize) throws IOException {
    return requests.open();
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return requests.open(offset, length);
  }

  @Override
  public void send(Upload upload) throws IOException {
    requests.upload(method, upload);
  }
}
