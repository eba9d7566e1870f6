package io.revfs.command.look;

import io.revfs.browse.Listing;
import io.revfs.browse.Places;
import io.revfs.browse.TreeListing;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/** {@code list}: a directory of a repository's revision. */
final class ListCommand implements Command {
  private final Places places;

  ListCommand(Places places) {
    this.places = places;
  }

  @Override
  public String name() {
    return "list";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean tree = call.flag("tree");
    if (tree && call.flag("json")) {
      throw new CommandFailure(
          "Cannot use --tree and --json options together.",
          "leave one of them out",
          CommandFailure.FAILED);
    }
    String path = call.value("path").orElse("");
    try (Places.Place place = Sources.place(places, call, path, true)) {
      EntryRows rows = new EntryRows(call.flag("size"), call.flag("show-hash"));
      if (tree) {
        int depth = level(call).orElse(Integer.MAX_VALUE);
        String top = path.isEmpty() ? "." : path;
        rows.show(call, sink -> TreeListing.list(place, top, depth, call.flag("dvc-only"), sink));
        return;
      }
      Listing.Options options =
          new Listing.Options(call.flag("recursive"), call.flag("dvc-only"), level(call));
      if (call.flag("json")) {
        json(call, place, options);
      } else {
        rows.show(call, sink -> Listing.list(place, options, sink));
      }
    } catch (IOException e) {
      throw Sources.failure(e, true);
    }
  }

  static OptionalInt level(Invocation call) {
    return call.number("level").isPresent()
        ? OptionalInt.of(Math.clamp(call.number("level").getAsLong(), 0, Integer.MAX_VALUE))
        : OptionalInt.empty();
  }

  private static void json(Invocation call, Places.Place place, Listing.Options options)
      throws IOException {
    boolean[] any = {false};
    Listing.list(
        place,
        options,
        line -> {
          any[0] = true;
          call.item(line);
        });
    if (!any[0]) {
      call.result(List.of());
    }
  }
}
