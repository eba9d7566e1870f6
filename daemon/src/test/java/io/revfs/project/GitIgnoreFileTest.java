package io.revfs.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.git.GitCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries in a file that Git reads. */
class GitIgnoreFileTest {
  private static final int UMASK = 022;

  @TempDir Path root;

  @BeforeEach
  void init() throws IOException {
    assertEquals(0, GitCommand.run(root, 60, "init", "-q").exit());
  }

  private GitIgnoreFile of(String path) throws IOException {
    Path data = root.resolve(path);
    Files.createDirectories(data.getParent());
    Files.writeString(data, "x");
    return new GitIgnoreFile(root, data);
  }

  private String text() throws IOException {
    return Files.readString(root.resolve(".gitignore"));
  }

  @Test
  void add_escapesWhatGitTakesForPatterns_andGitIgnoresIt() throws IOException {
    for (String name : new String[] {"a[1]*?.txt", "#x", "!y", "ü n"}) {
      assertTrue(of(name).add(UMASK), name);
      assertEquals(0, GitCommand.run(root, 60, "check-ignore", "-q", "--", name).exit(), name);
    }
    assertEquals("/a\\[1\\]\\*\\?.txt\n/\\#x\n/\\!y\n/ü n\n", text());
  }

  /** DVC's own entries for such names are of other names, and Git would take the data in. */
  @Test
  void add_ofNamesThatALineCannotHave_worksToo_andIsTakenOut() throws IOException {
    for (String name : new String[] {"two\nlines", "back\\slash", "space at the end "}) {
      GitIgnoreFile file = of(name);
      assertTrue(file.add(UMASK), name);
      assertEquals(0, GitCommand.run(root, 60, "check-ignore", "-q", "--", name).exit(), name);
      assertTrue(file.remove(UMASK), name);
      assertFalse(Files.exists(root.resolve(".gitignore")), name);
    }
  }

  @Test
  void add_ignoredAlready_writesNothing() throws IOException {
    Files.writeString(root.resolve(".gitignore"), "*.bin");
    assertFalse(of("a.bin").add(UMASK));
    assertFalse(of("sub/b.bin").add(UMASK));
    assertEquals("*.bin", text());
    assertFalse(Files.exists(root.resolve("sub/.gitignore")));
  }

  @Test
  void add_missingLineEnd_isAddedFirst() throws IOException {
    Files.writeString(root.resolve(".gitignore"), "a");
    assertTrue(of("b").add(UMASK));
    assertEquals("a\n/b\n", text());
  }

  @Test
  void remove_takesOutItsLineOnly_andTheFileIfNothingIsLeft() throws IOException {
    Files.write(root.resolve(".gitignore"), new byte[] {'/', (byte) 0xff, '\n', '/', 'b', '\n'});
    assertTrue(of("b").remove(UMASK));
    assertEquals(3, Files.size(root.resolve(".gitignore")));
    assertFalse(of("b").remove(UMASK));
    Files.writeString(root.resolve(".gitignore"), "/b");
    assertTrue(of("b").remove(UMASK));
    assertFalse(Files.exists(root.resolve(".gitignore")));
  }

  @Test
  void isDataTracked_ofFilesInside_tooAndNotByPatterns() throws IOException {
    GitIgnoreFile star = of("*");
    of("d/x");
    assertEquals(0, GitCommand.run(root, 60, "add", "d/x").exit());
    assertTrue(new GitIgnoreFile(root, root.resolve("d")).isDataTracked());
    assertFalse(star.isDataTracked());
  }
}
