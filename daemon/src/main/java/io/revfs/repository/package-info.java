/** Git repositories with DVC's data: revisions by name, their snapshots, and where bytes lie. */
@NullMarked
package io.revfs.repository;

import org.jspecify.annotations.NullMarked;
