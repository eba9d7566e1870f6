package io.revfs.remote.gcs;

import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.ComposeRequest;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.revfs.remote.Upload;
import io.revfs.remote.google.UploadContent;
import io.revfs.remote.parts.FilePart;
import io.revfs.remote.parts.PartQueue;
import io.revfs.remote.parts.TemporaryNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to Google Cloud Storage. Small objects go in one request. Large ones go in parts, several
 * at once: each part is an object of its own, with a temporary name that holds the MD5 of its
 * bytes, so parts that an earlier try left are recognised. The store composes them, at once, and
 * the parts are removed.
 */
final class GcsUploads {
  private static final Logger log = LoggerFactory.getLogger(GcsUploads.class);
  private static final long COMPOSED_BYTES = 64L << 20;
  private static final long PART_BYTES = 16L << 20;
  private static final int MOST_PARTS = 32; // of one composition, says the store

  private final String bucket;
  private final Optional<String> project;
  private final int partsAtOnce;

  GcsUploads(String bucket, Optional<String> project, int partsAtOnce) {
    this.bucket = bucket;
    this.project = project;
    this.partsAtOnce = partsAtOnce;
  }

  StorageObject store(Storage.Objects objects, String name, Upload upload) throws IOException {
    StorageObject stored =
        upload.size() <= COMPOSED_BYTES
            ? insert(objects, name, UploadContent.of(upload), upload.size())
            : compose(objects, name, upload);
    upload.sent().accept(upload.size());
    return stored;
  }

  private StorageObject insert(
      Storage.Objects objects, String name, AbstractInputStreamContent content, long size)
      throws IOException {
    Storage.Objects.Insert insert =
        objects.insert(bucket, new StorageObject().setName(name), content);
    project.ifPresent(insert::setUserProject);
    insert.setDisableGZipContent(true);
    insert
        .getMediaHttpUploader()
        .setDirectUploadEnabled(UploadContent.isDirect(size))
        .setChunkSize(UploadContent.CHUNK_BYTES);
    return insert.execute();
  }

  private StorageObject compose(Storage.Objects objects, String name, Upload upload)
      throws IOException {
    long length = FilePart.length(upload.size(), PART_BYTES, MOST_PARTS);
    List<FilePart> parts = FilePart.of(upload.content(), upload.size(), length);
    List<String> names = new ArrayList<>();
    List<ComposeRequest.SourceObjects> sources = new ArrayList<>();
    for (FilePart part : parts) {
      String own = TemporaryNames.named(name, "%02x%s".formatted(part.number(), part.md5()));
      names.add(own);
      sources.add(new ComposeRequest.SourceObjects().setName(own));
    }
    Map<String, Long> there = parts(objects, name);
    PartQueue.run(
        parts,
        part -> there.getOrDefault(names.get(part.number() - 1), -1L) == part.length(),
        partsAtOnce,
        upload.sent(),
        part ->
            insert(objects, names.get(part.number() - 1), new UploadContent(part), part.length()));
    ComposeRequest request =
        new ComposeRequest()
            .setSourceObjects(sources)
            .setDestination(new StorageObject().setContentType(UploadContent.BINARY));
    Storage.Objects.Compose compose = objects.compose(bucket, name, request);
    project.ifPresent(compose::setUserProject);
    compose.setDisableGZipContent(true);
    StorageObject composed = compose.execute();
    for (String part : names) {
      remove(objects, part);
    }
    return composed;
  }

  /** Returns the parts that the store has, also those of other contents, with their sizes. */
  private Map<String, Long> parts(Storage.Objects objects, String name) throws IOException {
    String any = TemporaryNames.named(name, "");
    String prefix = any.substring(0, any.length() - ".tmp".length());
    Storage.Objects.List list =
        objects.list(bucket).setPrefix(prefix).setFields("items(name,size)");
    project.ifPresent(list::setUserProject);
    Objects page = list.execute();
    Map<String, Long> found = new HashMap<>();
    if (page.getItems() != null) {
      page.getItems().forEach(o -> found.put(o.getName(), o.getSize().longValueExact()));
    }
    return found;
  }

  private void remove(Storage.Objects objects, String part) {
    try {
      Storage.Objects.Delete delete = objects.delete(bucket, part);
      project.ifPresent(delete::setUserProject);
      delete.execute();
    } catch (IOException e) {
      log.debug("the part {} stays: {}", part, e.getMessage());
    }
  }
}
