package io.revfs.command.imports;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.text.PythonJson;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalFile;
import io.revfs.workspace.Contents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a store, or this machine, says of data at one time, as {@code deps} of an import record it.
 *
 * @param data the fields that tell data apart and describe it, in DVC's order
 * @param files of a directory whose files' versions are recorded
 */
record UrlState(Map<String, @Nullable Object> data, List<Map<String, @Nullable Object>> files) {
  private static final String MD5 = "md5";
  private static final List<String> FIELDS =
      List.of(MD5, "etag", "checksum", "size", "nfiles", "isexec", "version_id");

  /** Returns what is recorded. */
  static UrlState recorded(Map<String, @Nullable Object> entry) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    for (String field : FIELDS) {
      if (entry.get(field) != null) {
        data.put(field, entry.get(field));
      }
    }
    List<Map<String, @Nullable Object>> files = new ArrayList<>();
    if (entry.get("files") instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Map<?, ?> map) {
          Map<String, @Nullable Object> file = new LinkedHashMap<>();
          map.forEach((key, value) -> file.put(String.valueOf(key), value));
          files.add(file);
        }
      }
    }
    return new UrlState(data, files);
  }

  /** Returns what a tree of this machine is. */
  static UrlState of(Contents contents) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put(MD5, contents.key().name());
    data.put("size", contents.size());
    switch (contents) {
      case Contents.Directory directory -> data.put("nfiles", (long) directory.entries().size());
      case Contents.File file -> {
        if (file.entry().isExecutable()) {
          data.put("isexec", true);
        }
      }
    }
    return new UrlState(data, List.of());
  }

  /**
   * Asks a store. Where it tells nothing by which content is known, all is read.
   *
   * @param versions whether the versions of a directory's files are recorded
   */
  static UrlState of(ExternalData store, boolean versions) throws IOException {
    String field = store.checksumKind().field();
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    if (!store.isDirectory()) {
      ExternalFile file = store.file();
      data.put(field, checksum(store, file));
      data.put("size", file.size());
      file.version().ifPresent(version -> data.put("version_id", version));
      return new UrlState(data, List.of());
    }
    List<ExternalFile> found = new ArrayList<>();
    store.files(found::add);
    found.sort((a, b) -> PythonJson.compareCodePoints(a.path(), b.path()));
    List<Map<String, @Nullable Object>> files = new ArrayList<>();
    List<Map<String, String>> listed = new ArrayList<>();
    for (ExternalFile file : found) {
      String checksum = checksum(store, file);
      listed.add(Map.of(field, checksum, "relpath", file.path()));
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("relpath", file.path());
      entry.put(field, checksum);
      entry.put("size", file.size());
      file.version().ifPresent(version -> entry.put("version_id", version));
      files.add(entry);
    }
    if (versions) {
      return new UrlState(data, files);
    }
    byte[] list = PythonJson.of(listed).getBytes(StandardCharsets.US_ASCII);
    data.put(MD5, md5(list) + ".dir");
    data.put("size", found.stream().mapToLong(ExternalFile::size).sum());
    data.put("nfiles", (long) found.size());
    return new UrlState(data, List.of());
  }

  private static String checksum(ExternalData store, ExternalFile file) throws IOException {
    Optional<String> said = file.checksum();
    if (said.isPresent()) {
      return said.get();
    }
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, file.size()).orElseThrow();
    store.read(file, 0, file.size(), hasher::update);
    return hasher.finish().hex();
  }

  private static String md5(byte[] bytes) {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, bytes.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(bytes));
    return hasher.finish().hex();
  }

  /** Returns whether content is told by it. */
  boolean isKnown() {
    return checksum().isPresent() || !files.isEmpty();
  }

  private Optional<String> checksum() {
    for (String field : List.of(MD5, "etag", "checksum")) {
      if (data.get(field) != null) {
        return Optional.of(String.valueOf(data.get(field)));
      }
    }
    return Optional.empty();
  }

  /** Returns the version of a file. */
  Optional<String> version() {
    return Optional.ofNullable(data.get("version_id")).map(String::valueOf);
  }

  /** Returns whether both have the same content, and the same versions where both have any. */
  boolean isSame(UrlState other) {
    boolean versioned = version().isPresent() && other.version().isPresent();
    return checksum().equals(other.checksum())
        && (!versioned || version().equals(other.version()))
        && listed("version_id").equals(other.listed("version_id"))
        && listed("etag").equals(other.listed("etag"));
  }

  /** Returns the files whose versions are recorded. */
  List<ExternalFile> listedFiles() {
    List<ExternalFile> listed = new ArrayList<>();
    for (Map<String, @Nullable Object> file : files) {
      long size = file.get("size") instanceof Number number ? number.longValue() : 0;
      listed.add(
          new ExternalFile(
              String.valueOf(file.get("relpath")),
              size,
              Optional.empty(),
              Optional.ofNullable(file.get("version_id")).map(String::valueOf),
              false));
    }
    return listed;
  }

  private Map<String, String> listed(String field) {
    Map<String, String> listed = new LinkedHashMap<>();
    files.forEach(
        file -> listed.put(String.valueOf(file.get("relpath")), String.valueOf(file.get(field))));
    return listed;
  }
}
