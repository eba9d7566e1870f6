package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.testing.server.FakeDriveServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server of ours: there is none of Google's to run. */
class DriveRemoteTest extends RemoteContract {
  private static final AtomicInteger FOLDERS = new AtomicInteger();

  @TempDir static Path directory;
  private static FakeDriveServer server;
  private String folder;

  @BeforeAll
  static void start() throws Exception {
    server = FakeDriveServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void next() {
    folder = "folder" + FOLDERS.incrementAndGet();
  }

  @Override
  RemoteSettings settings() throws Exception {
    return settings(
        Map.of(
            "gdrive_user_credentials_file",
            server.login(directory.resolve("login.json")).toString()),
        Map.of());
  }

  private RemoteSettings settings(Map<String, String> options, Map<String, String> variables) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("GDRIVE_ENDPOINT_URL", server.url());
    return new RemoteSettings(
        "store", "gdrive://" + folder + "/some/path", options, LIMITS, environment);
  }

  @Override
  RemoteSettings wrongCredentials() throws Exception {
    Path login = server.login(directory.resolve("wrong.json"), "wr0ngsecret");
    return settings(Map.of("gdrive_user_credentials_file", login.toString()), Map.of());
  }

  @Test
  void largeObject_travelsInASession() throws Exception {
    Path file = Files.write(temporary.resolve("large"), random(40_000_000));
    remote().write("large", Upload.of(file));
    assertArrayEquals(random(40_000_000), read(remote(), "large", 0, 40_000_000));
  }

  @Test
  void namesThatDifferInCase_areTwo() throws Exception {
    put("dir/a", new byte[1]);
    put("dir/A", new byte[2]);
    assertEquals(1, remote().stat(RemoteKey.of("dir/a")).size());
    assertEquals(2, remote().stat(RemoteKey.of("dir/A")).size());
    assertThrows(ObjectMissingException.class, () -> remote().stat(RemoteKey.of("DIR/a")));
  }

  @Test
  void writersOfNewFolders_makeEachOnce() throws Exception {
    Remote remote = remote();
    long before = foldersMade();
    Path file = Files.write(temporary.resolve("w"), random(10));
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String path = "new/folder/w" + i;
      writers.add(
          Thread.startVirtualThread(
              () -> assertDoesNotThrow(() -> remote.write(path, Upload.of(file)))));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    List<String> found = new ArrayList<>();
    remote().list("new/", object -> found.add(object.path()));
    assertEquals(8, found.size(), found.toString());
    // some, path, new, folder
    assertEquals(4, foldersMade() - before);
  }

  private static long foldersMade() {
    return server.requests().stream().filter(r -> r.equals("POST /drive/v3/files")).count();
  }

  @Test
  void trashOnly_deletesNothingForGood() throws Exception {
    put("x", new byte[1]);
    Map<String, String> options = new HashMap<>(settings().options());
    options.put("gdrive_trash_only", "true");
    long before = server.trashed();
    open(settings(options, Map.of())).remote().delete("x");
    assertEquals(before + 1, server.trashed());
    assertThrows(ObjectMissingException.class, () -> remote().stat(RemoteKey.of("x")));
  }

  @Test
  void credentialsOfTheVariable_andOfDvcsOwnFiles() throws Exception {
    put("x", random(9));
    String login = Files.readString(server.login(directory.resolve("login.json")));
    Remote byVariable = open(settings(Map.of(), Map.of("GDRIVE_CREDENTIALS_DATA", login))).remote();
    assertArrayEquals(random(9), read(byVariable, "x", 0, 9));

    Path home = Files.createDirectories(temporary.resolve("home/.cache/pydrive2fs/client"));
    server.login(home.resolve("work.json"));
    Remote byFile =
        open(settings(
                Map.of("profile", "work"), Map.of("HOME", temporary.resolve("home").toString())))
            .remote();
    assertArrayEquals(random(9), read(byFile, "x", 0, 9));
  }

  @Test
  void aServiceAccount_speaksForAPerson() throws Exception {
    put("x", random(9));
    Map<String, String> options = new HashMap<>();
    options.put("gdrive_use_service_account", "true");
    options.put(
        "gdrive_service_account_json_file_path",
        server.account(temporary.resolve("account.json")).toString());
    assertThrows(
        SourceUnreachableException.class,
        () -> open(settings(options, Map.of())).remote().stat(RemoteKey.of("x")));
    options.put("gdrive_service_account_user_email", "person@example.com");
    assertArrayEquals(random(9), read(open(settings(options, Map.of())).remote(), "x", 0, 9));
  }

  @Test
  void noCredentials_orAFileThatIsNone_isSaid() throws Exception {
    Map<String, String> home = Map.of("HOME", temporary.toString());
    SourceUnreachableException none =
        assertThrows(
            SourceUnreachableException.class,
            () -> open(settings(Map.of(), home)).remote().stat(RemoteKey.of("x")));
    assertTrue(none.getMessage().contains("gdrive_user_credentials_file"), none.getMessage());
    Path odd = Files.writeString(temporary.resolve("odd"), "s3cret");
    SourceUnreachableException noJson =
        assertThrows(
            SourceUnreachableException.class,
            () ->
                open(settings(Map.of("gdrive_user_credentials_file", odd.toString()), Map.of()))
                    .remote()
                    .stat(RemoteKey.of("x")));
    assertFalse(noJson.getMessage().contains("s3cret"), noJson.getMessage());
    assertThrows(
        RemoteConfigurationException.class,
        () -> open(settings(Map.of("gdrive_use_service_account", "true"), home)));
  }

  @Test
  void aFolderThatIsNotThere_isSaid() throws Exception {
    folder = "nowhere";
    SourceUnreachableException e =
        assertThrows(
            SourceUnreachableException.class, () -> remote().stat(RemoteKey.of("files/md5/x")));
    assertTrue(e.getMessage().contains("'nowhere' is not there"), e.getMessage());
  }
}
