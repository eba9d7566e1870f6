package io.revfs.command.look;

import io.revfs.browse.DiskUsage;
import io.revfs.browse.HumanSize;
import io.revfs.browse.Places;
import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.snapshot.FileContents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code du}: how large the data of a repository's revision is. */
final class DiskUsageCommand implements Command {
  private final Places places;
  private final FileContents contents;

  DiskUsageCommand(Places places, FileContents contents) {
    this.places = places;
    this.contents = contents;
  }

  /** One line; {@code path} as the caller would name it. */
  record Sum(String path, long size) {}

  @Override
  public String name() {
    return "du";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String path = call.value("path").orElse("");
    List<Sum> sums = new ArrayList<>();
    try (Places.Place place = Sources.place(places, call, path, false)) {
      String top = place.path();
      DiskUsage.of(
          place,
          contents,
          call.flag("summarize"),
          (at, bytes) -> {
            String below = at.substring(top.length());
            sums.add(
                new Sum(
                    path.isEmpty() && below.startsWith("/") ? below.substring(1) : path + below,
                    bytes));
          });
    } catch (IOException e) {
      throw Sources.failure(e, false);
    }
    call.result(sums);
    int width = sums.stream().mapToInt(s -> HumanSize.of(s.size()).length()).max().orElse(0);
    for (Sum sum : sums) {
      String size = HumanSize.of(sum.size());
      call.out((size + " ".repeat(width - size.length() + 2) + sum.path()).stripTrailing());
    }
  }
}
