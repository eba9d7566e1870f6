package io.revfs.cli.experiment;

import java.util.OptionalInt;

/** All of it by an ordinary user's own daemon, who has no right but that to run fusermount. */
class UserExperimentViewsIT extends ExperimentViewsIT {
  static final int USER = 65534; // nobody: fusermount wants a user with a name

  @Override
  OptionalInt user() {
    return OptionalInt.of(USER);
  }

  @Override
  int experiments() {
    return 2;
  }
}
