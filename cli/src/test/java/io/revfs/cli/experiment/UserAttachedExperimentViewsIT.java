package io.revfs.cli.experiment;

import java.util.OptionalInt;

/** All of it within an attached working copy of an ordinary user's own daemon. */
class UserAttachedExperimentViewsIT extends AttachedExperimentViewsIT {
  @Override
  OptionalInt user() {
    return OptionalInt.of(UserExperimentViewsIT.USER);
  }

  @Override
  int experiments() {
    return 2;
  }
}
