package io.revfs.command.transfer;

import io.revfs.object.ObjectSource;
import io.revfs.remote.RemoteLimits;
import java.util.Optional;

/**
 * Where what is fetched comes from.
 *
 * @param limits of remotes
 * @param nearer local objects that need not come from a remote
 * @param imports brings what imports hold
 */
public record FetchSources(
    RemoteLimits limits, Optional<ObjectSource> nearer, FetchedImports imports) {}
