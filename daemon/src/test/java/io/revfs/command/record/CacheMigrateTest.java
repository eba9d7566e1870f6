package io.revfs.command.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** cache migrate on a project that DVC 2 made; what it writes is held against DVC by the replay. */
class CacheMigrateTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void unpack() throws IOException {
    Path repo = ReferenceRepository.unpack("07-legacy-2x", directory).repo();
    project = DvcProject.open(repo, directory);
    project.sh("git checkout -q old-3");
    project.ok("pull");
  }

  @AfterEach
  void close() {
    project.close();
  }

  @Test
  void migrate_givesObjectsASecondName_once() throws IOException {
    int before = project.cache().size();
    assertTrue(project.ok("cache migrate", "dry", true).contains(before + " files will be"));
    assertEquals(before, project.cache().size());
    project.ok("cache migrate");
    assertEquals(2 * before, project.cache().size());
    assertEquals("2", project.sh("stat -c %h .dvc/cache/files/md5/*/* | sort -u"));
    assertTrue(project.ok("cache migrate").contains("Migrated 0 files"));
  }

  @Test
  void migrate_leavesADamagedObjectOut() throws IOException {
    project.sh("f=$(ls .dvc/cache/29/*); chmod +w $f; echo bad > $f; chmod 444 $f");
    RecordedCall call = project.run("cache migrate");
    assertEquals(0, call.exit(), call.failure());
    assertTrue(
        call.warnings().getFirst().contains("not what its name says"), call.warnings()::toString);
  }

  @Test
  void dvcFiles_areRewritten_butForDataThatIsNotHere() throws IOException {
    String told = project.ok("cache migrate", "dvc-files", true, "dry", true);
    assertTrue(told.contains("\tdvc.yaml (dvc.lock)"), told);
    assertTrue(told.contains("\ttext.txt.dvc"), told);
    project.sh("rm text.txt");
    String before = project.read("text.txt.dvc");
    RecordedCall call = project.run("cache migrate", "dvc-files", true);
    assertEquals(0, call.exit(), call.failure());
    assertEquals(before, project.read("text.txt.dvc"));
    assertTrue(project.read("dir.dvc").endsWith("  hash: md5\n"), project.read("dir.dvc"));
    assertFalse(project.read("dvc.lock").contains("14ccdcdb5edbe23e0fceb8b153c29f7d"));
    project.ok("checkout");
    assertEquals("{}", project.run("status").json().toString());
    project.ok("cache migrate", "dvc-files", true);
    assertTrue(project.ok("cache migrate", "dvc-files", true).contains("No DVC files in the repo"));
  }
}
