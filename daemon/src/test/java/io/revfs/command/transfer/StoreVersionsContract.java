package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for a cloud-versioned remote on any store. */
abstract class StoreVersionsContract {
  @TempDir Path directory;
  DvcProject project;

  /** Returns the store's name for the first version of the first file. */
  abstract String first();

  /** Returns its name for that file's next version. */
  abstract String changed();

  /** Makes a project whose remote has these options, and keeps versions. */
  void make(String url, Map<String, String> options) throws IOException {
    project = DvcProject.make(directory);
    project.ok("remote add", "name", "r", "url", url, "default", true);
    for (Map.Entry<String, String> option : options.entrySet()) {
      modify(option.getKey(), option.getValue());
    }
    modify("version_aware", "true");
  }

  private void modify(String option, String value) throws IOException {
    project.ok("remote modify", "name", "r", "option", option, "value", value);
  }

  @AfterEach
  void closeProject() {
    project.close();
  }

  private void checkHas(String file, String text) throws IOException {
    assertTrue(project.read(file).contains(text), project.read(file));
  }

  @Test
  void whatWasPushed_comesBackInItsVersion() throws IOException {
    project.write("a", "1\n");
    project.write("d/b", "2\n");
    project.add("a", "d");
    project.ok("push");
    checkHas("a.dvc", "      version_id: '" + first() + "'\n");
    checkHas("d.dvc", "  - relpath: b\n");
    project.commit("v1");
    project.write("a", "changed\n");
    project.add("a");
    project.ok("push");
    checkHas("a.dvc", "      version_id: '" + changed() + "'\n");
    project.sh("git checkout -qf v1 && rm -rf .dvc/cache a d");
    project.ok("pull");
    assertEquals("1\n", project.read("a"));
    assertEquals("2\n", project.read("d/b"));
    assertEquals("{}", project.run("status").json().toString());
  }
}
