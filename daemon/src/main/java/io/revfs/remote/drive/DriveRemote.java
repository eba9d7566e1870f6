package io.revfs.remote.drive;

import com.google.api.services.drive.Drive;
import com.google.api.services.drive.model.File;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.BucketUrl;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.google.GoogleRemote;
import io.revfs.remote.google.UploadContent;
import io.revfs.remote.parts.Delivery;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Google Drive: {@code gdrive://FOLDER/path}, where the folder is an id, {@code root} or {@code
 * appDataFolder}. A file is seen once its upload is complete.
 */
public final class DriveRemote extends GoogleRemote {
  private final String root;
  private final DriveClient client;
  private final DriveFolders folders;
  private final boolean acknowledgesAbuse;
  private final boolean trashes;

  public DriveRemote(RemoteSettings settings) throws IOException {
    super(settings);
    BucketUrl place = BucketUrl.of(settings);
    this.root = place.bucket();
    this.client = new DriveClient(settings);
    this.folders = new DriveFolders(client, root, place.prefix().replaceFirst("/$", ""));
    this.acknowledgesAbuse = settings.flag("gdrive_acknowledge_abuse", false);
    this.trashes = settings.flag("gdrive_trash_only", false);
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE);
  }

  @Override
  protected String credentialOptions() {
    return "gdrive_user_credentials_file, gdrive_service_account_json_file_path, and whether the"
        + " folder is shared with them";
  }

  @Override
  protected Optional<String> placeIsMissing(String text) {
    return text.contains(root)
        ? Optional.of(
            "the folder '" + root + "' is not there, or not shared with these credentials")
        : Optional.empty();
  }

  @Override
  public boolean isThere() throws IOException {
    return with("", () -> folders.find("").isPresent());
  }

  private Optional<File> find(String path) throws IOException {
    Optional<String> folder = folders.find(RelativePaths.parent(path));
    return folder.isEmpty()
        ? Optional.empty()
        : folders.named(folder.get(), RelativePaths.name(path)).stream()
            .filter(file -> !DriveFolders.FOLDER.equals(file.getMimeType()))
            .findFirst();
  }

  private File file(RemoteKey key) throws IOException {
    return find(key.path()).orElseThrow(() -> new ObjectMissingException(key.path(), where()));
  }

  private static RemoteObject object(String path, File file) {
    return new RemoteObject(
        path,
        file.getSize() == null ? 0 : file.getSize(),
        Optional.ofNullable(file.getMd5Checksum()),
        Optional.empty(),
        Optional.ofNullable(file.getModifiedTime()).map(at -> Instant.ofEpochMilli(at.getValue())));
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(key.path(), () -> object(key.path(), file(key)));
  }

  @Override
  protected InputStream media(RemoteKey key, Optional<String> range) throws IOException {
    Drive.Files.Get get =
        client
            .drive()
            .files()
            .get(file(key).getId())
            .setSupportsAllDrives(true)
            .setAcknowledgeAbuse(acknowledgesAbuse);
    range.ifPresent(get.getRequestHeaders()::setRange);
    return get.executeMediaAsInputStream();
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    String start = RelativePaths.parent(prefix);
    Map<String, String> level = new HashMap<>();
    with("", () -> folders.find(start)).ifPresent(id -> level.put(id, start));
    boolean more = true;
    while (more && !level.isEmpty()) {
      Map<String, String> below = new HashMap<>();
      more =
          with(
              prefix,
              () -> {
                boolean[] wanted = {true};
                folders.children(
                    level.keySet(), file -> wanted[0] = take(file, prefix, level, below, sink));
                return wanted[0];
              });
      level.clear();
      level.putAll(below);
    }
  }

  private static boolean take(
      File file, String prefix, Map<String, String> level, Map<String, String> below, ListSink sink)
      throws IOException {
    for (String parent : file.getParents() == null ? List.<String>of() : file.getParents()) {
      String directory = level.get(parent);
      if (directory == null) {
        continue;
      }
      String path = directory.isEmpty() ? file.getName() : directory + "/" + file.getName();
      if (DriveFolders.FOLDER.equals(file.getMimeType())) {
        if ((path + "/").startsWith(prefix) || prefix.startsWith(path + "/")) {
          below.put(file.getId(), path);
        }
      } else if (path.startsWith(prefix)) {
        try {
          return sink.accept(object(path, file));
        } catch (IOException e) {
          throw new Delivery.TakerFailedException(e);
        }
      }
    }
    return true;
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    return with(
        path,
        () -> {
          String folder = folders.make(RelativePaths.parent(path));
          Optional<File> there = find(path);
          RemoteObject written =
              object(
                  path,
                  there.isPresent() ? replace(there.get(), upload) : add(folder, path, upload));
          upload.sent().accept(upload.size());
          return written;
        });
  }

  private File add(String folder, String path, Upload upload) throws IOException {
    File file = new File().setName(RelativePaths.name(path)).setParents(List.of(folder));
    Drive.Files.Create create = client.drive().files().create(file, UploadContent.of(upload));
    create.setSupportsAllDrives(true).setFields(DriveFolders.FIELDS);
    create.setDisableGZipContent(true);
    create
        .getMediaHttpUploader()
        .setDirectUploadEnabled(UploadContent.isDirect(upload.size()))
        .setChunkSize(UploadContent.CHUNK_BYTES);
    return create.execute();
  }

  private File replace(File there, Upload upload) throws IOException {
    Drive.Files.Update update =
        client.drive().files().update(there.getId(), new File(), UploadContent.of(upload));
    update.setSupportsAllDrives(true).setFields(DriveFolders.FIELDS);
    update.setDisableGZipContent(true);
    update
        .getMediaHttpUploader()
        .setDirectUploadEnabled(UploadContent.isDirect(upload.size()))
        .setChunkSize(UploadContent.CHUNK_BYTES);
    return update.execute();
  }

  @Override
  public void delete(String path) throws IOException {
    try {
      with(
          path,
          () -> {
            Optional<File> file = find(path);
            if (file.isPresent()) {
              remove(file.get().getId());
            }
            return true;
          });
    } catch (ObjectMissingException e) {
      // Somebody was faster.
    }
  }

  private void remove(String id) throws IOException {
    Drive.Files files = client.drive().files();
    if (trashes) {
      Drive.Files.Update update = files.update(id, new File().setTrashed(true));
      update.setSupportsAllDrives(true).setDisableGZipContent(true);
      update.execute();
    } else {
      files.delete(id).setSupportsAllDrives(true).execute();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
