package io.revfs.api;

import io.revfs.browse.UnknownPlaceException;
import io.revfs.command.CommandFailure;
import io.revfs.config.ConfigurationException;
import io.revfs.dvc.DvcFormatException;
import io.revfs.mount.MountRefusedException;
import io.revfs.mount.UnknownMountException;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.posix.PosixFailure;
import io.revfs.project.LockedException;
import io.revfs.project.NotInProjectException;
import io.revfs.project.ProjectConfigurationException;
import io.revfs.repository.UnknownRevisionException;
import io.revfs.snapshot.UnreadableOutputException;
import io.revfs.stage.StageGraphException;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Set;

/** What each failure becomes for the one who asked. The one place that knows. */
final class Errors {
  private static final String DENIED = "Permission denied";
  private static final String FULL = "No space left on device";
  private static final String ROOM = "make room there, then do it again: what was done stays";

  /** Commands of DVC that fail with 1 where others fail with 255. */
  private static final Set<String> FAIL_WITH_1 =
      Set.of(
          "add",
          "artifacts get",
          "commit",
          "destroy",
          "diff",
          "fetch",
          "freeze",
          "get",
          "get-url",
          "import",
          "import-url",
          "install",
          "list",
          "move",
          "pull",
          "push",
          "remove",
          "status",
          "unfreeze",
          "unprotect",
          "update");

  private static final int OTHER = 255;
  private static final int CONFIGURATION = 251;
  private static final int NO_REPOSITORY = 253;

  private Errors() {}

  static ApiException of(Throwable t) {
    String message = t.getMessage() == null ? t.toString() : t.getMessage();
    return switch (t) {
      case ApiException e -> e;
      case UnknownRevisionException e ->
          error(
              404,
              "unknown-revision",
              message,
              "list them with: git branch -a, git tag; in a mount: ls DIR/branches DIR/tags");
      case UnknownPlaceException e -> place(e);
      case UnknownMountException e -> error(404, "unknown-mount", message, "see: revfs mounts");
      case MountRefusedException e -> error(409, "mount-failed", message, "see: revfs doctor");
      case ObjectMissingException e ->
          error(
              404,
              "missing-object",
              message,
              "it was never pushed, or was collected; push it from where it was made");
      case ObjectCorruptException e ->
          error(502, "corrupt", message, "push the data again from where it is right");
      case SourceUnreachableException e ->
          error(
              502,
              "unreachable",
              message,
              "see: revfs daemon status; check the network and the remote's credentials");
      case UnreadableOutputException e ->
          error(500, "unreadable", message, "correct the file that is named");
      case DvcFormatException e ->
          new ApiException(
              500, "configuration", message, "correct the file that is named", CONFIGURATION);
      case ConfigurationException e ->
          new ApiException(
              500, "configuration", message, "correct the file that is named", CONFIGURATION);
      case IllegalArgumentException e -> ApiException.badRequest(message);
      case FileSystemException e -> error(500, "failed", PosixFailure.described(e), hint(e));
      case IOException e -> error(500, "failed", message, "see: revfs daemon log");
      default -> error(500, "internal", t.toString(), "see: revfs daemon log");
    };
  }

  private static ApiException place(UnknownPlaceException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case NO_LOCATION -> ApiException.badRequest(message);
      case NO_REPOSITORY ->
          new ApiException(404, "not-a-repository", message, e.hint(), NO_REPOSITORY);
      case NO_PATH -> error(404, "not-found", message, e.hint());
    };
  }

  /** What ends a command of DVC; where its exit code differs, it is DVC's. */
  static ApiException ofCommand(String command, Throwable t) {
    String message = t.getMessage() == null ? t.toString() : t.getMessage();
    return switch (t) {
      case CommandFailure e -> new ApiException(500, "failed", message, e.whatToDo(), e.exit());
      case NotInProjectException e ->
          new ApiException(
              404,
              "no-project",
              message,
              "go to a DVC project, or make one: dvc init",
              CommandFailure.NOT_IN_PROJECT);
      case ProjectConfigurationException e ->
          new ApiException(
              500, "configuration", message, e.whatToDo(), CommandFailure.CONFIGURATION);
      case UnknownTargetException e ->
          new ApiException(
              404,
              "unknown-target",
              message,
              "see what there is: dvc stage list --all; dvc list . -R --dvc-only",
              exit(command));
      case DvcFormatException e ->
          new ApiException(500, "format", message, "correct the file that is named", exit(command));
      case StageGraphException e ->
          new ApiException(
              500, "stages", message, "take out one of them: dvc remove", exit(command));
      case LockedException e ->
          new ApiException(409, "locked", message, e.whatToDo(), exit(command));
      case RefusedException e -> error(500, "refused", message, e.whatToDo());
      case FileSystemException e -> error(500, "file-system", PosixFailure.described(e), hint(e));
      case java.io.InterruptedIOException e ->
          new ApiException(500, "interrupted", "interrupted", "", CommandFailure.INTERRUPTED);
      case java.nio.channels.ClosedByInterruptException e ->
          new ApiException(500, "interrupted", "interrupted", "", CommandFailure.INTERRUPTED);
      case IOException e when message.equals(FULL) -> error(500, "file-system", message, ROOM);
      default -> of(t);
    };
  }

  private static int exit(String command) {
    return FAIL_WITH_1.contains(command) ? CommandFailure.FAILED : CommandFailure.OTHER;
  }

  private static String hint(FileSystemException e) {
    boolean denied = e.getReason() == null && e instanceof AccessDeniedException;
    return switch (denied ? DENIED : String.valueOf(e.getReason())) {
      case FULL, "Disk quota exceeded" -> ROOM;
      case "Read-only file system" -> "remount it for writing, or use another place";
      case "Operation not permitted", DENIED -> "get the right to do that there";
      default -> "see: revfs daemon log";
    };
  }

  private static ApiException error(int status, String code, String message, String hint) {
    return new ApiException(status, code, message, hint, OTHER);
  }
}
