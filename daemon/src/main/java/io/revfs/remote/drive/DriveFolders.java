package io.revfs.remote.drive;

import com.google.api.services.drive.Drive;
import com.google.api.services.drive.model.File;
import com.google.api.services.drive.model.FileList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Paths on Google Drive, which knows folders and files by their ids only, and may have two of one
 * name. Folders are remembered; a folder that somebody else removes meanwhile is missed until the
 * remote is opened anew. Thread-safe.
 */
final class DriveFolders {
  static final String FOLDER = "application/vnd.google-apps.folder";
  static final String FIELDS = "id,name,mimeType,size,parents,md5Checksum,modifiedTime";
  private static final int PAGE = 1000;
  private static final int FOLDERS_OF_A_QUERY = 40;

  private final DriveClient client;
  private final String root;
  private final String base;

  @GuardedBy("this")
  private final Map<String, String> ids = new HashMap<>();

  @GuardedBy("this")
  private @Nullable File rootFolder;

  /**
   * @param root an id, or {@code root} or {@code appDataFolder}
   * @param base the path below it where keys begin; empty: there
   */
  DriveFolders(DriveClient client, String root, String base) {
    this.client = client;
    this.root = root;
    this.base = base;
  }

  /** Takes files and folders. */
  @FunctionalInterface
  interface Sink {
    /** Returns false if that is enough. */
    boolean accept(File file) throws IOException;
  }

  /** Returns the id of a directory of keys; empty: of the remote itself. */
  Optional<String> find(String key) throws IOException {
    return Optional.ofNullable(resolve(key, false));
  }

  /** Returns the id of a directory of keys, which is made if it is not there. */
  String make(String key) throws IOException {
    String id = resolve(key, true);
    if (id == null) {
      throw new IllegalStateException(key);
    }
    return id;
  }

  /** One at a time: nothing in the store prevents that two make a folder twice. */
  private synchronized @Nullable String resolve(String key, boolean make) throws IOException {
    String path = base.isEmpty() ? key : key.isEmpty() ? base : base + "/" + key;
    String at = "";
    String id = root().getId();
    for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
      at += "/" + name;
      String known = ids.get(at);
      if (known == null) {
        known = folder(id, name, make);
        if (known == null) {
          return null;
        }
        ids.put(at, known);
      }
      id = known;
    }
    return id;
  }

  private @Nullable String folder(String parent, String name, boolean make) throws IOException {
    List<File> found = named(parent, name);
    found.removeIf(file -> !FOLDER.equals(file.getMimeType()));
    if (!found.isEmpty()) {
      return found.getFirst().getId();
    }
    if (!make) {
      return null;
    }
    File folder = new File().setName(name).setMimeType(FOLDER).setParents(List.of(parent));
    Drive.Files.Create create = client.drive().files().create(folder);
    create.setSupportsAllDrives(true).setFields("id");
    create.setDisableGZipContent(true); // larger than without, so few bytes
    return create.execute().getId();
  }

  /** Returns what has a name in a folder; if more than one, always in the same order. */
  List<File> named(String folder, String name) throws IOException {
    String quoted = name.replace("\\", "\\\\").replace("'", "\\'");
    List<File> found = new ArrayList<>();
    query(
        "'%s' in parents and name = '%s' and trashed = false".formatted(folder, quoted),
        file -> {
          // The store compares without regard to case.
          return !file.getName().equals(name) || found.add(file);
        });
    found.sort(Comparator.comparing(File::getId));
    return found;
  }

  /** Passes what is in folders, many folders a request. */
  void children(Collection<String> folders, Sink sink) throws IOException {
    List<String> all = List.copyOf(folders);
    for (int i = 0; i < all.size(); i += FOLDERS_OF_A_QUERY) {
      List<String> some = all.subList(i, Math.min(all.size(), i + FOLDERS_OF_A_QUERY));
      boolean more =
          query(
              "('%s' in parents) and trashed = false"
                  .formatted(String.join("' in parents or '", some)),
              sink);
      if (!more) {
        return;
      }
    }
  }

  private boolean query(String text, Sink sink) throws IOException {
    Drive.Files.List list =
        client
            .drive()
            .files()
            .list()
            .setQ(text)
            .setPageSize(PAGE)
            .setSupportsAllDrives(true)
            .setIncludeItemsFromAllDrives(true)
            .setFields("nextPageToken,files(" + FIELDS + ")");
    if (root.equals("appDataFolder")) {
      list.setSpaces("appDataFolder");
    }
    if (root().getDriveId() != null) {
      // What is in a shared drive is found only if the drive is named.
      list.setCorpora("drive").setDriveId(root().getDriveId());
    }
    while (true) {
      FileList page = list.execute();
      for (File file : page.getFiles() == null ? List.<File>of() : page.getFiles()) {
        if (!sink.accept(file)) {
          return false;
        }
      }
      if (page.getNextPageToken() == null) {
        return true;
      }
      list.setPageToken(page.getNextPageToken());
    }
  }

  /** Names like {@code root} stand for an id, by which children name their parent. */
  private synchronized File root() throws IOException {
    File known = rootFolder;
    if (known == null) {
      known =
          client
              .drive()
              .files()
              .get(root)
              .setSupportsAllDrives(true)
              .setFields("id,driveId")
              .execute();
      rootFolder = known;
    }
    return known;
  }
}
