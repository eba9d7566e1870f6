package io.revfs.config;

/** Whether a mount's commits are sealed. */
public enum SealMode {
  /** Where it can be. */
  AUTO,
  /** A mount that cannot is refused. */
  ON,
  /** Never: every request of a reader arrives at the daemon. */
  OFF
}
