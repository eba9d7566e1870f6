package io.revfs.cli.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the commands of a stage ended.
 *
 * @param exit the status of the last one that ran: 0 if all went well, 128 and more for a signal
 * @param command that one
 * @param reason why it failed, where the status does not say it
 * @param left processes that were started and did not end
 * @param elsewhere the host where its launcher is of no use; null if it was used, or there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StageResult(
    int exit,
    String command,
    @Nullable String reason,
    List<LeftProcess> left,
    @Nullable String elsewhere) {
  /** Returns how it ended on this host. */
  public StageResult(int exit, String command, @Nullable String reason, List<LeftProcess> left) {
    this(exit, command, reason, left, null);
  }

  /**
   * A process that is still there.
   *
   * @param pid its id
   * @param command its command line, cut
   * @param writes the output that it has open for writing; null if none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LeftProcess(long pid, String command, @Nullable String writes) {}

  /** Returns the same, of another host. */
  public StageResult on(String host) {
    return new StageResult(exit, command, reason, left, host);
  }

  /** Returns how a command ended that failed. */
  public static StageResult failed(int exit, String command) {
    return new StageResult(exit, command, null, List.of());
  }
}
