package io.revfs.command.look;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.copy.Copies;
import io.revfs.command.copy.Destination;
import io.revfs.command.copy.FileWriter;
import io.revfs.command.copy.UrlCopy;
import io.revfs.snapshot.FileContents;
import io.revfs.url.ExternalData;
import java.io.IOException;
import java.util.Map;

/** {@code get-url}: a file or directory of a store or of this machine, copied. */
final class GetUrlCommand implements Command {
  private final Urls urls;
  private final FileContents contents;

  GetUrlCommand(Urls urls, FileContents contents) {
    this.urls = urls;
    this.contents = contents;
  }

  @Override
  public String name() {
    return "get-url";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String url = call.required("url");
    try (Destination destination = Destination.of(call, url, call.value("out"));
        ExternalData data = urls.open(call, url)) {
      UrlCopy copy = new UrlCopy(call, data, new FileWriter(contents, call), Copies.jobs(call));
      UrlCopy.Copied copied = copy.to(destination.fresh());
      destination.publish();
      call.result(
          Map.of(
              "out", destination.path().toString(),
              "files", copied.files(),
              "bytes", copied.bytes()));
    } catch (io.revfs.object.ObjectMissingException e) {
      throw Urls.missing(url, e, io.revfs.command.CommandFailure.FAILED);
    }
  }
}
