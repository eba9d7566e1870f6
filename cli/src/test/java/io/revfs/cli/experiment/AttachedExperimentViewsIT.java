package io.revfs.cli.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** All of it within an attached working copy. */
class AttachedExperimentViewsIT extends ExperimentViewsIT {
  private final List<Path> attached = new ArrayList<>();

  @Override
  int experiments() {
    return 3;
  }

  @Override
  void begin(Path copy) throws IOException {
    String unused = sh(copy, "revfs attach -q");
    attached.add(copy);
  }

  @AfterEach
  void detach() throws IOException {
    for (Path copy : attached) {
      String unused = sh(copy, "cd /; revfs detach -q --lazy '" + copy.resolve("repo") + "'");
    }
    attached.clear();
  }
}
