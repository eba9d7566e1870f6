package io.revfs.remote.vfs.web;

import io.revfs.remote.Upload;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHeaders;
import org.apache.http.HttpStatus;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.util.EntityUtils;

/** The requests for one file that plain HTTP and WebDAV have in common. */
final class WebRequests {
  private final WebFiles files;
  private final URI uri;

  WebRequests(WebFiles files, URI uri) {
    this.files = files;
    this.uri = uri;
  }

  /** Returns a new request for the file. */
  RequestBuilder request(String method) {
    return RequestBuilder.create(method).setUri(uri);
  }

  /**
   * Sends a request, of which the answer must be closed.
   *
   * @throws HttpFailureException if the answer is no success
   */
  CloseableHttpResponse send(HttpUriRequest request) throws IOException {
    CloseableHttpResponse response = files.execute(request);
    int status = response.getStatusLine().getStatusCode();
    if (status >= HttpStatus.SC_OK && status < HttpStatus.SC_MULTIPLE_CHOICES) {
      return response;
    }
    try (response) {
      EntityUtils.consumeQuietly(response.getEntity());
      throw new HttpFailureException(status, response.getStatusLine().getReasonPhrase());
    }
  }

  /** Sends a request whose answer says all by its status. */
  void run(HttpUriRequest request) throws IOException {
    try (CloseableHttpResponse response = send(request)) {
      EntityUtils.consumeQuietly(response.getEntity());
    }
  }

  /** Sends a file as the body of one request. */
  void upload(String method, Upload upload) throws IOException {
    run(request(method).setEntity(new UploadEntity(upload)).build());
  }

  /** Opens all of the file. */
  InputStream open() throws IOException {
    CloseableHttpResponse response = send(request("GET").build());
    return new Body(response, Long.MAX_VALUE);
  }

  /** Opens a range, also of a server that knows no ranges and sends all. */
  InputStream open(long offset, long length) throws IOException {
    CloseableHttpResponse response =
        send(
            request("GET")
                .addHeader(HttpHeaders.RANGE, "bytes=" + offset + "-" + (offset + length - 1))
                .build());
    boolean partial = response.getStatusLine().getStatusCode() == HttpStatus.SC_PARTIAL_CONTENT;
    Body body = new Body(response, partial ? length : Long.MAX_VALUE);
    if (!partial) {
      try {
        body.skipNBytes(offset);
      } catch (IOException e) {
        body.close();
        throw e;
      }
    }
    return body;
  }

  /** An answer's body. Read to its end, the connection is used again; otherwise it is closed. */
  private static final class Body extends FilterInputStream {
    private final CloseableHttpResponse response;
    private long left;

    Body(CloseableHttpResponse response, long length) throws IOException {
      super(content(response));
      this.response = response;
      this.left = length;
    }

    private static InputStream content(CloseableHttpResponse response) throws IOException {
      HttpEntity entity = response.getEntity();
      return entity == null ? InputStream.nullInputStream() : entity.getContent();
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      left -= value < 0 ? left : 1;
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      left -= n < 0 ? left : n;
      return n;
    }

    @Override
    public long skip(long count) throws IOException {
      long n = super.skip(count);
      left -= n;
      return n;
    }

    @Override
    public void close() throws IOException {
      try (response) {
        if (left <= 0) {
          EntityUtils.consumeQuietly(response.getEntity());
        }
      }
    }
  }
}
