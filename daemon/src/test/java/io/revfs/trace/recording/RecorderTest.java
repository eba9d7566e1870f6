package io.revfs.trace.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.object.Digest;
import io.revfs.testing.TestData;
import io.revfs.trace.Deed;
import io.revfs.trace.Listings;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TracedPath;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What accesses become in a trace. */
class RecorderTest {
  @TempDir Path directory;
  private Workspaces workspaces;
  private Path work;
  private Recorder recorder;
  private AccessListener listener;
  private HeardDirectory heard;

  @BeforeEach
  void open() throws IOException {
    workspaces = Workspaces.open(directory.resolve("states"));
    work = Files.createDirectory(directory.resolve("work"));
    recorder =
        new Recorder(
            new Recorder.Beginning(
                "20260101-000000.000-0000",
                List.of("make"),
                work.toString(),
                "",
                "",
                Instant.now()));
    listener = recorder.workingCopy(new DirectoryFiles(work, workspaces.reader()));
    heard = new HeardDirectory(work, listener);
  }

  @AfterEach
  void close() {
    recorder.close();
    workspaces.close();
  }

  static Digest md5(String text) {
    return new Digest(Digest.Algorithm.MD5, TestData.md5(text.getBytes(UTF_8)));
  }

  private void file(String path, String text) throws IOException {
    Files.createDirectories(work.resolve(path).getParent());
    Files.writeString(work.resolve(path), text);
  }

  private Trace end() throws IOException {
    return recorder.end(0, "");
  }

  private static TracedPath path(Trace trace, String path) {
    return trace.path(path).orElseThrow(() -> new AssertionError(path + " in " + trace.paths()));
  }

  @Test
  void aFileThatIsReadAndThenReplaced_hasBothDigests() throws IOException {
    file("a", "before");
    heard.read("a");
    heard.write("a", "after");
    TracedPath a = path(end(), "a");
    assertEquals(EnumSet.of(Deed.READ, Deed.WRITTEN), a.deeds());
    assertEquals(Optional.of(md5("before")), a.before());
    assertEquals(Optional.of(md5("after")), a.after());
    assertTrue(a.isInput() && a.isOutput());
  }

  @Test
  void aFileOpenedForBoth_hasTheDigestOfWhatWasThere() throws IOException {
    file("a", "before");
    heard.append("a", "+more");
    TracedPath a = path(end(), "a");
    assertEquals(Optional.of(md5("before")), a.before());
    assertEquals(Optional.of(md5("before+more")), a.after());
  }

  @Test
  void aFileReplacedUnread_isNoInput() throws IOException {
    file("a", "before");
    heard.write("a", "after");
    heard.read("a");
    TracedPath a = path(end(), "a");
    assertTrue(a.isOutput());
    assertEquals(Optional.of(md5("after")), a.after());
    assertEquals(EnumSet.of(Deed.READ, Deed.WRITTEN), a.deeds());
  }

  @Test
  void whatWasThereOnlyInBetween_dropsOut() throws IOException {
    heard.stat("tmp");
    heard.write("tmp", "x");
    heard.read("tmp");
    heard.delete("tmp");
    heard.makeDirectory("work");
    heard.write("work/file", "y");
    heard.delete("work/file");
    heard.delete("work");
    assertEquals(List.of(), end().paths());
  }

  @Test
  void aTemporaryFileRenamedInPlace_isTheFileWritten() throws IOException {
    file("out", "old");
    heard.write("out.tmp", "new");
    heard.rename("out.tmp", "out");
    heard.write("fresh.tmp", "f");
    heard.rename("fresh.tmp", "fresh");
    Trace trace = end();
    assertEquals(List.of("fresh", "out"), trace.paths().stream().map(TracedPath::path).toList());
    assertEquals(EnumSet.of(Deed.WRITTEN), path(trace, "out").deeds());
    assertEquals(Optional.of(md5("new")), path(trace, "out").after());
    assertEquals(EnumSet.of(Deed.CREATED, Deed.WRITTEN), path(trace, "fresh").deeds());
    assertEquals("", path(trace, "fresh").from());
  }

  @Test
  void aFileOfBeforeThatIsRenamed_isGoneThereAndCameHere() throws IOException {
    file("a", "content");
    heard.rename("a", "b");
    Trace trace = end();
    assertEquals(EnumSet.of(Deed.RENAMED, Deed.DELETED), path(trace, "a").deeds());
    assertEquals(Optional.of(md5("content")), path(trace, "a").before());
    assertEquals(EnumSet.of(Deed.CREATED, Deed.WRITTEN), path(trace, "b").deeds());
    assertEquals("a", path(trace, "b").from());
  }

  @Test
  void aDirectoryThatIsRenamed_takesItsFilesAlong() throws IOException {
    heard.makeDirectory("build.tmp");
    heard.write("build.tmp/one", "1");
    heard.makeDirectory("build.tmp/sub");
    heard.write("build.tmp/sub/two", "2");
    heard.rename("build.tmp", "build");
    Trace trace = end();
    assertEquals(
        List.of("build", "build/one", "build/sub", "build/sub/two"),
        trace.paths().stream().map(TracedPath::path).toList());
    assertEquals(EnumSet.of(Deed.CREATED), path(trace, "build/sub").deeds());
    assertEquals(Optional.of(md5("2")), path(trace, "build/sub/two").after());
  }

  @Test
  void exchangedNames_areBothWritten() throws IOException {
    file("a", "1");
    file("b", "2");
    heard.stat("a");
    heard.stat("b");
    Files.move(work.resolve("a"), work.resolve("c"));
    Files.move(work.resolve("b"), work.resolve("a"));
    Files.move(work.resolve("c"), work.resolve("b"));
    listener.accessed((int) ProcessHandle.current().pid(), Access.EXCHANGED, "a", "b");
    Trace trace = end();
    assertEquals(Optional.of(md5("2")), path(trace, "a").after());
    assertEquals(Optional.of(md5("1")), path(trace, "b").after());
    assertEquals(2, trace.paths().size());
  }

  @Test
  void aNameLookedForInVain_isToldUnlessItCame() throws IOException {
    heard.stat("missing.h");
    heard.stat("later");
    heard.write("later", "x");
    Trace trace = end();
    assertEquals(EnumSet.of(Deed.ABSENT), path(trace, "missing.h").deeds());
    assertEquals(EnumSet.of(Deed.CREATED, Deed.WRITTEN), path(trace, "later").deeds());
  }

  @Test
  void whatWasOnlyLookedAt_isToldApart_andDirectoriesOnTheWayAreNot() throws IOException {
    file("src/a.c", "a");
    file("src/b.c", "b");
    heard.read("src/a.c");
    heard.stat("src/b.c");
    Trace trace = end();
    assertEquals(EnumSet.of(Deed.READ), path(trace, "src/a.c").deeds());
    assertEquals(EnumSet.of(Deed.STATTED), path(trace, "src/b.c").deeds());
    assertTrue(trace.path("src").isEmpty());
  }

  @Test
  void aListing_isThatOfBeforeTheRun() throws IOException {
    file("data/one", "1");
    file("data/two", "2");
    Files.createDirectory(work.resolve("data/sub"));
    heard.list("data");
    heard.write("data/three", "3");
    heard.delete("data/one");
    Digest expected = Listings.digest(List.of("two", "one", "sub/"));
    assertEquals(Optional.of(expected), path(end(), "data").listing());
  }

  @Test
  void aFileDeletedAndMadeAgain_isWritten() throws IOException {
    file("a", "1");
    heard.delete("a");
    heard.write("a", "2");
    assertEquals(EnumSet.of(Deed.WRITTEN), path(end(), "a").deeds());
  }

  @Test
  void whatIsDeleted_isTold_withWhatWasReadOfIt() throws IOException {
    file("a", "1");
    heard.read("a");
    heard.delete("a");
    TracedPath a = path(end(), "a");
    assertEquals(EnumSet.of(Deed.READ, Deed.DELETED), a.deeds());
    assertEquals(Optional.of(md5("1")), a.before());
  }

  @Test
  void whatTheKernelDoesForNobody_andWhatComesAfterTheEnd_isNotHeard() throws IOException {
    file("a", "1");
    listener.accessed(0, Access.OPENED_FOR_READING, "a", null);
    assertEquals(List.of(), end().paths());
    heard.read("a");
    assertEquals(List.of(), end().paths());
  }

  @Test
  void processes_haveTheirCommandLines_upToTheFirst() throws IOException {
    file("a", "1");
    int us = (int) ProcessHandle.current().pid();
    recorder.startedAs(us);
    heard.read("a");
    Trace trace = end();
    assertEquals(1, trace.processes().size());
    assertEquals(us, trace.processes().getFirst().pid());
    assertEquals(0, trace.processes().getFirst().parent());
    assertEquals(List.of("make"), trace.processes().getFirst().command());
    assertTrue(trace.processes().getFirst().executable().endsWith("java"));
    assertEquals(List.of(us), path(trace, "a").processes());
  }

  @Test
  void pathsElsewhere_areListedApart() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.writeString(other.resolve("x"), "x");
    AccessListener elsewhere =
        recorder.elsewhere("/data/repo", new DirectoryFiles(other, workspaces.reader()));
    elsewhere.accessed((int) ProcessHandle.current().pid(), Access.OPENED_FOR_READING, "x", null);
    Trace trace = end();
    assertEquals(List.of(), trace.paths());
    assertEquals("/data/repo/x", trace.outside().getFirst().path());
    assertEquals(Optional.of(md5("x")), trace.outside().getFirst().before());
  }

  @Test
  void aFileThatSomebodyElseChanges_hasNoDigest_andThatIsSaid() throws IOException {
    file("a", "1");
    heard.read("a");
    file("a", "another");
    Trace trace = end();
    assertEquals(Optional.empty(), path(trace, "a").before());
    assertEquals("others changed what it used: a", trace.incomplete());
  }

  @Test
  void aRecordThatWasClosed_canStillBeEnded() throws IOException {
    file("a", "1");
    heard.read("a");
    heard.write("b", "2");
    recorder.close();
    Trace trace = end();
    assertEquals(EnumSet.of(Deed.READ), path(trace, "a").deeds());
    assertEquals(Optional.empty(), path(trace, "a").before());
  }

  @Test
  void json_saysAllOfIt() throws IOException {
    file("a", "1");
    heard.read("a");
    listener.accessed((int) ProcessHandle.current().pid(), Access.ABSENT, "b \udc80\n", null);
    heard.stat("nothing");
    Trace trace = recorder.end(137, "it was killed by signal 9");
    assertEquals(
        trace, TraceJson.read(new ObjectMapper().readTree(TraceJson.write(trace).toString())));
    assertFalse(trace.isComplete());
  }
}
