package io.revfs.testing;

import io.revfs.fuse.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tests' class path at a place where every user can read it, whoever runs the tests. */
final class PublicClassPath {
  private PublicClassPath() {}

  /** Links or copies all of it into a directory; returns the class path that it is there. */
  static String in(Path directory) throws IOException {
    Files.createDirectories(directory);
    List<String> there = new ArrayList<>();
    StringBuilder script = new StringBuilder("set -e\n");
    for (String entry : System.getProperty("java.class.path").split(":")) {
      Path source = Path.of(entry).toAbsolutePath();
      if (Files.exists(source)) {
        Path target = directory.resolve(there.size() + "-" + source.getFileName());
        script.append(
            "cp -aLl '%1$s' '%2$s' 2>/dev/null || cp -aL '%1$s' '%2$s'\n"
                .formatted(source, target));
        there.add(target.toString());
      }
    }
    script.append("find . -type d -exec chmod a+rx {} +\n");
    Shell.Result linked = Shell.run(directory, script.toString());
    if (linked.exit() != 0) {
      throw new IOException(linked.output());
    }
    return String.join(":", there);
  }
}
