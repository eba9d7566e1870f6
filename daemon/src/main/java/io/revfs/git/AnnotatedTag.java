package io.revfs.git;

/**
 * A tag with an author.
 *
 * @param name without {@code refs/tags/}
 * @param commit what it peels to
 * @param time when it was made, in seconds since 1970
 */
public record AnnotatedTag(String name, String commit, long time) {}
