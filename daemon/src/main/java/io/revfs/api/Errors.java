package io.revfs.api;

import io.revfs.config.ConfigurationException;
import io.revfs.dvc.DvcFormatException;
import io.revfs.mount.MountRefusedException;
import io.revfs.mount.UnknownMountException;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.snapshot.UnknownRevisionException;
import io.revfs.snapshot.UnreadableOutputException;

/** What each failure becomes for the one who asked. The one place that knows. */
final class Errors {
  private static final int OTHER = 255;
  private static final int CONFIGURATION = 251;

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
      case java.io.IOException e -> error(500, "failed", message, "see: revfs daemon log");
      default -> error(500, "internal", t.toString(), "see: revfs daemon log");
    };
  }

  private static ApiException error(int status, String code, String message, String hint) {
    return new ApiException(status, code, message, hint, OTHER);
  }
}
