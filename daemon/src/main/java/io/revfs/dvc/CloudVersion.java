package io.revfs.dvc;

import java.util.Optional;

/**
 * What a cloud-versioned remote said of a file when it was pushed: {@code cloud: {remote: ...}}.
 */
public record CloudVersion(
    Optional<String> etag, Optional<String> versionId, Optional<String> checksum) {}
