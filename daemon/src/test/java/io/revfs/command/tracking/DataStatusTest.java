package io.revfs.command.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Commands;
import io.revfs.command.transfer.RemoteQuestions;
import io.revfs.testing.NoSources;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.TestData;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code data status} in a fresh clone: nothing is in the cache, all is on the remote. */
class DataStatusTest {
  @TempDir Path directory;
  private TestData data;
  private String manifest = "";
  private Workspaces workspaces;
  private Commands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    manifest =
        data.directory("set", Map.of("a.txt", "a".getBytes(UTF_8), "sub/b.txt", new byte[] {1}));
    data.file("one.bin", new byte[5]);
    data.commit("v1");
    workspaces = Workspaces.open(directory.resolve("states"));
    commands =
        new Commands(
            TrackingCommands.all(
                workspaces,
                new NoSources(),
                new RemoteQuestions(workspaces, OpenRepositories.LIMITS, Optional.empty()),
                (session, stages) -> {}));
  }

  @AfterEach
  void close() throws IOException {
    workspaces.close();
  }

  private RecordedCall status() {
    return RecordedCall.run(
        commands.named("data status").orElseThrow(),
        data.repository(),
        Map.of("json", true, "granular", true));
  }

  private List<String> notInRemote(boolean refresh) {
    RecordedCall status =
        RecordedCall.run(
            commands.named("data status").orElseThrow(),
            data.repository(),
            Map.of("json", true, "not-in-remote", true, "no-remote-refresh", !refresh));
    return sorted(status.json().path("not_in_remote"));
  }

  @Test
  void withoutRefresh_whatTheRemoteWasLastSeenToHaveCounts() throws IOException {
    assertEquals(List.of("one.bin", "set/"), notInRemote(false), "it was never asked");
    assertEquals(List.of(), notInRemote(true));
    Files.delete(data.object(manifest));
    assertEquals(List.of(), notInRemote(false));
    assertEquals(List.of("set/"), notInRemote(true));
    assertEquals(List.of("set/"), notInRemote(false));
  }

  private static List<String> sorted(JsonNode texts) {
    return StreamSupport.stream(texts.spliterator(), false).map(JsonNode::asText).sorted().toList();
  }

  @Test
  void aListThatOnlyTheRemoteHas_isReadThere_andStaysThere() throws IOException {
    RecordedCall status = status();
    List<String> all = List.of("one.bin", "set/", "set/a.txt", "set/sub/b.txt");
    assertEquals(all, sorted(status.json().path("not_in_cache")), status.failure());
    assertEquals(all, sorted(status.json().at("/uncommitted/deleted")));
    assertFalse(Files.exists(data.repository().resolve(".dvc/cache/files")), "only looked at");
  }

  @Test
  void aListThatIsDamagedOrNowhere_isNotGuessed() throws IOException {
    List<String> outputs = List.of("one.bin", "set/");
    Files.writeString(data.object(manifest), "[]");
    RecordedCall damaged = status();
    assertEquals(outputs, sorted(damaged.json().path("not_in_cache")));
    assertTrue(damaged.warnings().getFirst().contains(manifest), damaged.warnings().toString());
    Files.delete(data.object(manifest));
    assertEquals(outputs, sorted(status().json().path("not_in_cache")));
  }

  @Test
  void withoutARemote_orWithOneThatIsDown_theRestIsSaid() throws IOException {
    List<String> outputs = List.of("one.bin", "set/");
    Files.move(directory.resolve("store"), directory.resolve("gone"));
    assertEquals(outputs, sorted(status().json().path("not_in_cache")));
    data.write(".dvc/config", "");
    assertEquals(outputs, sorted(status().json().path("not_in_cache")));
  }
}
