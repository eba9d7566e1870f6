/**
 * A DVC project as files on this machine: where it is, its configuration at all levels, its locks,
 * what Git and DVC ignore in it. {@link io.revfs.project.Project} is the entry. What is tracked is
 * not known here.
 */
@NullMarked
package io.revfs.project;

import org.jspecify.annotations.NullMarked;
