package io.revfs.dvc;

import io.revfs.object.Digest;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file of a directory whose files are listed in place ({@code files:}) rather than in a
 * manifest.
 *
 * @param path relative to the output, validated
 * @param size in bytes
 * @param cloud by remote
 * @param versionId on the dependency's store, for imports
 */
public record OutputFile(
    String path,
    Optional<Digest> md5,
    OptionalLong size,
    boolean executable,
    Map<String, CloudVersion> cloud,
    Optional<String> etag,
    Optional<String> versionId) {}
