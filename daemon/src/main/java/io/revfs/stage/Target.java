package io.revfs.stage;

import java.util.Optional;

/**
 * What a target means.
 *
 * @param path the output, or the place inside it, that was named rather than the stage; from the
 *     project's root, or absolute
 */
public record Target(Stage stage, Optional<String> path) {}
