package io.revfs.remote.vfs.web;

import io.revfs.remote.Upload;
import io.revfs.remote.vfs.RemoteFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.vfs2.FileNotFolderException;
import org.apache.commons.vfs2.FileNotFoundException;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.UriParser;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileObject;
import org.apache.http.HttpStatus;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * VFS's file on a WebDAV server with requests of its own. VFS's hold what is written in memory and
 * set its author afterwards, ask twice for each file of a listing, delete a file before another is
 * moved to it, and drop the status of what failed.
 */
@SuppressWarnings("deprecation") // as its provider
final class WebdavFile extends Webdav4FileObject implements RemoteFile {
  private final WebFiles files;
  private final WebRequests requests;

  /** What a listing said of it. */
  private @Nullable DavEntry listed;

  WebdavFile(WebName name, WebFiles files) throws FileSystemException {
    super(name, files);
    this.files = files;
    this.requests = new WebRequests(files, getInternalURI());
  }

  @Override
  public RemoteFile assumeFile() {
    injectType(FileType.FILE);
    return this;
  }

  private List<DavEntry> properties(int depth) throws IOException {
    String slash = depth > 0 && !getInternalURI().getRawPath().endsWith("/") ? "/" : "";
    try (CloseableHttpResponse response =
        requests.send(
            requests
                .request("PROPFIND")
                .setUri(getInternalURI() + slash)
                .addHeader("Depth", Integer.toString(depth))
                .build())) {
      return DavEntry.parse(response.getEntity().getContent());
    }
  }

  private DavEntry properties() throws IOException {
    DavEntry known = listed;
    if (known != null) {
      return known;
    }
    List<DavEntry> found = properties(0);
    if (found.isEmpty()) {
      throw new FileNotFoundException(getName());
    }
    return found.getFirst();
  }

  @Override
  protected FileType doGetType() throws IOException {
    try {
      return properties().directory() ? FileType.FOLDER : FileType.FILE;
    } catch (FileNotFoundException e) {
      return FileType.IMAGINARY;
    } catch (HttpFailureException e) {
      if (e.status() == HttpStatus.SC_NOT_FOUND || e.status() == HttpStatus.SC_GONE) {
        return FileType.IMAGINARY;
      }
      throw e;
    }
  }

  @Override
  protected long doGetContentSize() throws IOException {
    DavEntry found = properties();
    if (found.directory()) {
      throw new FileNotFoundException(getName());
    }
    return found.size();
  }

  @Override
  protected long doGetLastModifiedTime() throws IOException {
    return properties().modified();
  }

  @Override
  protected FileObject[] doListChildrenResolved() throws IOException {
    WebName name = (WebName) getName();
    String own = name.getPathDecoded().replaceAll("/+$", "");
    List<FileObject> children = new ArrayList<>();
    for (DavEntry entry : properties(1)) {
      String path = entry.path().replaceAll("/+$", "");
      if (path.equals(own)) {
        if (!entry.directory()) {
          throw new FileNotFolderException(name);
        }
      } else if (path.startsWith(own + "/") && path.indexOf('/', own.length() + 1) < 0) {
        FileType type = entry.directory() ? FileType.FOLDER : FileType.FILE;
        WebdavFile child =
            new WebdavFile((WebName) name.createName(UriParser.encode(path), type), files);
        child.listed = entry;
        children.add(child);
      }
    }
    return children.toArray(FileObject[]::new);
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
    requests.upload("PUT", upload);
  }

  @Override
  public void moveTo(FileObject target) throws FileSystemException {
    try {
      requests.run(
          requests
              .request("MOVE")
              .addHeader("Destination", ((WebdavFile) target).getInternalURI().toString())
              .addHeader("Overwrite", "T")
              .build());
    } catch (IOException e) {
      throw new FileSystemException(e);
    }
  }

  @Override
  protected void doDelete() throws IOException {
    requests.run(requests.request("DELETE").build());
  }

  @Override
  protected void doCreateFolder() throws IOException {
    String slash = getInternalURI().getRawPath().endsWith("/") ? "" : "/";
    requests.run(requests.request("MKCOL").setUri(getInternalURI() + slash).build());
  }

  @Override
  protected void doDetach() {
    listed = null;
  }
}
