package io.revfs.remote;

import io.revfs.object.SourceUnreachableException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/** What all stores have in common: how people and messages name them. */
public abstract class ConfiguredRemote implements Remote {
  private final String name;
  private final String url;
  private final String where;

  protected ConfiguredRemote(RemoteSettings settings) {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
    this.where = settings.describe();
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public String url() {
    return url;
  }

  /** Returns how messages name it. */
  protected final String where() {
    return where;
  }

  /** Returns a failure; {@code isTransient}: whether trying again may mend it. */
  protected final SourceUnreachableException unreachable(
      String why, boolean isTransient, @Nullable Throwable cause) {
    return new SourceUnreachableException(where, why, isTransient, cause);
  }

  /** Returns a failure that trying again may mend. */
  protected final SourceUnreachableException passing(String why, @Nullable Throwable cause) {
    return unreachable(why, true, cause);
  }

  /** Returns a failure that stays until somebody does something. */
  protected final SourceUnreachableException lasting(String why, @Nullable Throwable cause) {
    return unreachable(why, false, cause);
  }

  /** Returns the failure of a read whose bytes ended too early. */
  protected final SourceUnreachableException brokeOff(RemoteKey key, long missing) {
    return passing(key.path() + " broke off, " + missing + " bytes missing", null);
  }

  /** Returns what a thread that was interrupted ends with. */
  protected final InterruptedIOException interrupted() {
    return new InterruptedIOException("interrupted while waiting for " + where);
  }
}
