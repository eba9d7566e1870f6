package io.revfs.command.look;

import io.revfs.browse.Places;
import io.revfs.command.Command;
import io.revfs.snapshot.FileContents;
import io.revfs.url.ExternalUrls;
import java.util.List;

/** The commands of this package. */
public final class LookCommands {
  private LookCommands() {}

  /**
   * Returns all of them.
   *
   * @param places where repositories are found
   * @param contents where bytes come from
   * @param urls what opens URLs
   */
  public static List<Command> all(Places places, FileContents contents, ExternalUrls urls) {
    Urls opened = new Urls(urls);
    return List.of(
        new ListCommand(places),
        new DiskUsageCommand(places, contents),
        new GetCommand(places, contents),
        new ArtifactsGetCommand(places, contents),
        new ListUrlCommand(opened),
        new GetUrlCommand(opened, contents));
  }
}
