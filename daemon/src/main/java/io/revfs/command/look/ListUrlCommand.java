package io.revfs.command.look;

import io.revfs.browse.Listing;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.object.ObjectMissingException;
import io.revfs.url.ExternalData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code list-url}: a directory of a store or of this machine. */
final class ListUrlCommand implements Command {
  private final Urls urls;

  ListUrlCommand(Urls urls) {
    this.urls = urls;
  }

  @Override
  public String name() {
    return "list-url";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String url = call.required("url");
    int level = ListCommand.level(call).orElse(Integer.MAX_VALUE);
    EntryRows rows = new EntryRows(call.flag("size"), false);
    try (ExternalData data = urls.open(call, url)) {
      List<Listing.Line> lines;
      if (!data.isDirectory() || (level == 0 && !call.flag("tree"))) {
        Long size = data.isDirectory() ? null : Long.valueOf(data.file().size());
        lines = List.of(line(data.url().replaceFirst("^\\w+://", ""), false, size));
      } else if (call.flag("tree")) {
        lines = UrlTree.of(data).drawn(url, level);
      } else if (call.flag("recursive")) {
        lines = UrlTree.of(data).flat(level);
      } else {
        lines = children(data);
      }
      call.result(lines);
      rows.show(
          call,
          sink -> {
            for (Listing.Line line : lines) {
              sink.line(line);
            }
          });
    } catch (ObjectMissingException e) {
      throw Urls.missing(url, e, CommandFailure.OTHER);
    }
  }

  static Listing.Line line(String path, boolean directory, @Nullable Long size) {
    return new Listing.Line(false, directory, false, size, null, path);
  }

  private static List<Listing.Line> children(ExternalData data) throws IOException {
    List<Listing.Line> lines = new ArrayList<>();
    data.children(
        "",
        (name, directory, size) ->
            lines.add(line(name, directory, directory ? null : Long.valueOf(size))));
    lines.sort(Comparator.comparing(Listing.Line::path));
    return lines;
  }
}
