package io.revfs.command.look;

import io.revfs.browse.Places;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.copy.Copies;
import io.revfs.command.copy.Destination;
import io.revfs.command.copy.FileWriter;
import io.revfs.command.copy.PlaceCopy;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code get}: a file or directory of a repository's revision, copied. */
final class GetCommand implements Command {
  private final Places places;
  private final FileContents contents;

  GetCommand(Places places, FileContents contents) {
    this.places = places;
    this.contents = contents;
  }

  @Override
  public String name() {
    return "get";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String path = call.required("path");
    try {
      if (call.flag("show-url")) {
        try (Places.Place place = Sources.place(places, call, path, false)) {
          showUrl(call, place);
        }
        return;
      }
      try (Destination destination = Destination.of(call, path, call.value("out"))) {
        refuseDvcFile(destination.path());
        try (Places.Place place = Sources.place(places, call, path, false)) {
          call.result(copy(call, contents, place, destination));
        }
      }
    } catch (IOException e) {
      throw Sources.failure(e, false);
    }
  }

  private static void refuseDvcFile(Path out) throws CommandFailure {
    String name = String.valueOf(out.getFileName());
    if (name.endsWith(".dvc") || name.equals("dvc.yaml")) {
      throw new CommandFailure(
          "the given path is a DVC file, you must specify a data file or a directory",
          "leave out the suffix .dvc",
          CommandFailure.FAILED);
    }
  }

  /** Says where an output's bytes are stored. */
  static void showUrl(Invocation call, Places.Place place) throws IOException {
    Entry entry = place.entry();
    if (entry.tracking() == Entry.Tracking.GIT || entry.key().isEmpty()) {
      throw new CommandFailure(
          "Unable to find DVC file with output '" + place.path() + "'",
          "what Git tracks has no storage of its own",
          CommandFailure.OTHER);
    }
    String url =
        entry.origins().sources().stream()
            .flatMap(source -> source.url(entry.key().get()).stream())
            .findFirst()
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "no remote specified in " + place.repository().location(),
                        "name one with --remote",
                        CommandFailure.CONFIGURATION));
    call.out(url);
    call.result(Map.of("url", url));
  }

  /** Copies a place's data; returns what {@code --json} says of it. */
  static Map<String, Object> copy(
      Invocation call, FileContents contents, Places.Place place, Destination destination)
      throws IOException {
    PlaceCopy copy = new PlaceCopy(call, place, new FileWriter(contents, call), Copies.jobs(call));
    PlaceCopy.Copied copied = copy.to(destination.fresh());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("out", destination.path().toString());
    result.put("files", copied.files());
    result.put("bytes", copied.bytes());
    destination.publish();
    return result;
  }
}
