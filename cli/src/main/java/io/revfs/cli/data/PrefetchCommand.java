package io.revfs.cli.data;

import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code revfs prefetch}. */
@Command(
    name = "prefetch",
    description = "Fetch what is below a path into the cache before it is needed.",
    footer = {"", "Example: revfs prefetch data --rev v1.2"})
public final class PrefetchCommand extends FetchingCommand {
  @Override
  protected int run() throws IOException {
    return fetch("/v1/prefetch");
  }
}
