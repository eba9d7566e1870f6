package io.revfs.cli.data;

import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code revfs pin}. */
@Command(
    name = "pin",
    description = "Fetch what is below a path and keep it in the cache.",
    footer = {"", "Example: revfs pin data/train --rev v1.2"})
public final class PinCommand extends FetchingCommand {
  @Override
  protected int run() throws IOException {
    return fetch("/v1/pins");
  }
}
