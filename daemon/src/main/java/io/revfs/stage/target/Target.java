package io.revfs.stage.target;

import io.revfs.stage.Stage;
import java.util.Optional;

/**
 * What a target means.
 *
 * @param path the output, or the place inside it, that was named rather than the stage; from the
 *     project's root, or absolute
 */
public record Target(Stage stage, Optional<String> path) {}
